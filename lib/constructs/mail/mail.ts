import { ArnFormat, Stack, Validations } from 'aws-cdk-lib'
import { GraphWidget, type IWidget, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { EventBus } from 'aws-cdk-lib/aws-events'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
} from 'aws-cdk-lib/aws-ses'
import { Construct } from 'constructs'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import type { FunctionDefaults, FunctionNetwork, KeeperFunction } from '../functions/keeper-function.ts'
import type { AlarmSpec, Monitored, OverviewMetrics } from '../monitoring/monitored.ts'
import type { Postgres } from '../postgres/postgres.ts'
import { shownByNag } from '../shown-by-nag.ts'
import { MailEvents } from './mail-events.ts'

export interface MailProps {
  /** The address that mails come from. */
  readonly from: string
  /** What SES has verified already, the address or its domain; without it an identity is made for the address. */
  readonly existingIdentity?: string
  readonly defaults: FunctionDefaults
  readonly postgres: Postgres
  /** Where the function runs that is told of bounces. */
  readonly network: FunctionNetwork
}

/** SES reviews an account from 5 % bounces and 0.1 % complaints on: https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-bounce-rate.html */
const MOST_BOUNCES = 0.05
const MOST_COMPLAINTS = 0.001

/** How mail leaves: one sender, and what SES tells of its mails. */
export class Mail extends Construct implements Monitored {
  readonly title = 'mail'
  readonly events: MailEvents
  readonly from: string
  /** What SES has to have verified. */
  readonly identity: string

  readonly #configurationSet: ConfigurationSet

  constructor(scope: Construct, id: string, { from, existingIdentity, ...props }: MailProps) {
    super(scope, id)
    this.from = from
    this.identity = existingIdentity ?? from
    if (existingIdentity === undefined) {
      new EmailIdentity(this, 'sender', { identity: Identity.email(from) })
    }
    this.#configurationSet = new ConfigurationSet(this, 'mails', {
      reputationMetrics: true,
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
    })
    this.#configurationSet.addEventDestination('events', {
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'default-bus', 'default')),
      events: [
        EmailSendingEvent.SEND,
        EmailSendingEvent.BOUNCE,
        EmailSendingEvent.COMPLAINT,
        EmailSendingEvent.REJECT,
        EmailSendingEvent.RENDERING_FAILURE,
      ],
    })
    // Beside this construct: a function's place is its name in a local run.
    this.events = new MailEvents(scope, 'mail-events', {
      ...props,
      configurationSet: this.#configurationSet.configurationSetName,
    })
  }

  /**
   * Lets a function send mail, from this sender alone, and sets its environment for that. `ses:SendEmail` is asked for the
   * configuration set and for identities: the sender's, and in SES's sandbox a verified recipient's as well
   * (https://github.com/aws/aws-sdk-js/issues/3641). The rate at which the account may send takes no resource.
   * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
   */
  grantSend(handler: KeeperFunction): void {
    const arnOf = (resource: string, resourceName: string) =>
      Stack.of(this).formatArn({
        service: 'ses',
        ...{ resource, resourceName },
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      })
    const set = this.#configurationSet.configurationSetName
    const identities = arnOf('identity', '*')
    handler.addToRolePolicy(
      new PolicyStatement({
        actions: ['ses:SendEmail'],
        resources: [identities, arnOf('configuration-set', set)],
        conditions: { StringEquals: { 'ses:FromAddress': this.from } },
      }),
    )
    Validations.of(handler.executionRole).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${shownByNag(Stack.of(handler).resolve(identities))}]`,
      reason: 'The condition names the one sender; recipients are whoever uses Keeper.',
    })
    handler.addToRolePolicy(new PolicyStatement({ actions: ['ses:GetAccount'], resources: ['*'] }))
    handler.addEnvironment(ENVIRONMENT.mailFrom, this.from)
    handler.addEnvironment(ENVIRONMENT.mailConfigurationSet, set)
  }

  alarms(): AlarmSpec[] {
    return [
      {
        id: 'mail-bounces',
        runbook: 'mail-bounces',
        sentence: 'More than 5 % of the mails bounce: SES reviews the account, and pauses it at 10 %.',
        metric: this.#reputation('BounceRate'),
        threshold: MOST_BOUNCES,
        // Without mails there is no new rate: the last one holds.
        missing: TreatMissingData.IGNORE,
      },
      {
        id: 'mail-complaints',
        runbook: 'mail-complaints',
        sentence:
          'More than 0.1 % of the mails are marked as spam: SES reviews the account, and pauses it at 0.5 %.',
        metric: this.#reputation('ComplaintRate'),
        threshold: MOST_COMPLAINTS,
        // As above.
        missing: TreatMissingData.IGNORE,
      },
      ...this.events.alarms(),
    ]
  }

  widgets(): IWidget[][] {
    return [
      [
        new GraphWidget({
          title: 'Bounces and complaints, as parts of the mails',
          width: 12,
          left: [this.#reputation('BounceRate'), this.#reputation('ComplaintRate')],
        }),
        new GraphWidget({
          title: 'Addresses switched off',
          width: 12,
          left: [this.events.function.countOf('addressesSwitchedOff')],
        }),
      ],
      ...this.events.widgets(),
    ]
  }

  overview(): OverviewMetrics {
    return this.events.overview()
  }

  /** Of this configuration set's mails alone: other senders of the account have rates of their own. */
  #reputation(rate: 'BounceRate' | 'ComplaintRate'): Metric {
    return new Metric({
      namespace: 'AWS/SES',
      metricName: `Reputation.${rate}`,
      dimensionsMap: { 'ses:configuration-set': this.#configurationSet.configurationSetName },
      statistic: 'Maximum',
      label: rate,
    })
  }
}
