import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { SizeProfile } from './config.ts'
import type { FunctionDefaults } from './constructs/functions/keeper-function.ts'
import { Links } from './constructs/functions/links.ts'
import { Notifier } from './constructs/functions/notifier.ts'
import { Mail } from './constructs/mail/mail.ts'
import type { Monitored } from './constructs/monitoring/monitored.ts'
import type { DataStack } from './data-stack.ts'
import type { NetworkStack } from './network-stack.ts'
import { namePart, nameSchedules } from './part-names.ts'

export interface NotificationStackProps extends StackProps {
  readonly profile: SizeProfile
  readonly network: NetworkStack
  readonly data: DataStack
  readonly defaults: FunctionDefaults
  /** The address that mails come from; without it nothing is mailed. */
  readonly mailFrom?: string
  /** What SES has verified already; without it an identity is made for the address. */
  readonly existingMailIdentity?: string
}

/**
 * What reaches people. Apart from the pipeline, which ends in tables: nothing here is in the events' way, and a mistake in
 * it is deployed and rolled back without touching a consumer.
 */
export class NotificationStack extends Stack {
  readonly notifier: Notifier
  /** The public page, where there is one. */
  readonly links?: Links
  readonly mail?: Mail

  constructor(
    scope: Construct,
    id: string,
    { profile, network, data, defaults, mailFrom, existingMailIdentity, ...props }: NotificationStackProps,
  ) {
    super(scope, id, props)
    this.notifier = new Notifier(this, 'notifier', {
      defaults,
      postgres: data.postgres,
      profile: profile.notifier,
      network: network.functions('notifier', {
        description: 'The function that tells people',
        reaches: ['internet', 'postgres'],
      }),
    })
    namePart(this, 'notifier', 'function', this.notifier.function.functionName)
    nameSchedules(this, this.notifier)
    if (mailFrom === undefined) this.#warnOfNoMail()
    else {
      this.mail = new Mail(this, 'mail', {
        ...{ from: mailFrom, existingIdentity: existingMailIdentity },
        ...{ defaults, postgres: data.postgres },
        network: network.functions('mail-events', {
          description: 'The function that is told of bounces',
          reaches: ['postgres'],
        }),
      })
      this.mail.grantSend(this.notifier.function)
      namePart(this, 'mail-events', 'function', this.mail.events.function.functionName)
      new CfnOutput(this, 'mail-from', { value: mailFrom })
      new CfnOutput(this, 'mail-identity', { value: this.mail.identity })
    }
    if (data.linkKeys) {
      this.links = new Links(this, 'links', {
        defaults,
        postgres: data.postgres,
        keys: data.linkKeys,
        network: network.functions('links', {
          description: 'The public page that links in messages open',
          reaches: ['internet', 'postgres'],
        }),
      })
      this.links.offerTo(this.notifier.function)
      namePart(this, 'links', 'function', this.links.function.functionName)
      new CfnOutput(this, 'LinksUrl', { value: this.links.url.url })
    }
  }

  /** The monitored parts of this stack. */
  monitored(): Monitored[] {
    return [this.notifier, ...(this.mail ? [this.mail] : []), ...(this.links ? [this.links] : [])]
  }

  #warnOfNoMail(): void {
    Annotations.of(this).addWarningV2(
      'keeper:no-mail',
      'No e-mail is sent: an alert of someone without another channel ends as FAILED, with that reason. Set -c mailFrom=<address> to a sender that SES may use.',
    )
  }
}
