import { Duration, Size, Validations } from 'aws-cdk-lib'
import { GraphWidget, type IWidget, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { Rule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { type FunctionDefaults, type FunctionNetwork, KeeperFunction } from '../functions/keeper-function.ts'
import { failedRunsAlarm } from '../functions/schedule-alarms.ts'
import type { AlarmSpec, OverviewMetrics } from '../monitoring/monitored.ts'
import type { Postgres } from '../postgres/postgres.ts'

export interface MailEventsProps {
  readonly defaults: FunctionDefaults
  readonly postgres: Postgres
  readonly network: FunctionNetwork
  /** The name of the configuration set whose mails it is told of. */
  readonly configurationSet: string
}

/** What EventBridge calls the events of SES: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ses.html */
const EVENTS = [
  'Email Sent',
  'Email Bounced',
  'Email Complaint Received',
  'Email Rejected',
  'Email Rendering Failed',
]

/** SES's events of mails, and the function that marks them as sent or switches their addresses off. */
export class MailEvents extends Construct {
  readonly function: KeeperFunction
  /** Events that did not reach the function, from EventBridge, and that it failed on for good, from Lambda. */
  readonly failedEvents: Queue

  constructor(scope: Construct, id: string, { postgres, configurationSet, ...props }: MailEventsProps) {
    super(scope, id)
    this.function = new KeeperFunction(this, id, {
      ...props,
      source: 'mail-events',
      description: 'Marks mails that SES has sent, and switches off addresses that bounce or complain',
      timeout: Duration.seconds(30),
      memory: Size.mebibytes(256),
    })
    postgres.connect(this.function)
    this.failedEvents = new Queue(this, 'failed-runs', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })
    Validations.of(this.failedEvents).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue itself, of the rule and of the function.',
    })
    this.function.configureAsyncInvoke({
      // The database may be away for hours.
      maxEventAge: Duration.hours(6),
      retryAttempts: 2,
      onFailure: new SqsDestination(this.failedEvents),
    })
    new Rule(this, 'rule', {
      description: 'Mails of Keeper that were sent, bounced, were complained of or were not sent',
      eventPattern: {
        source: ['aws.ses'],
        detailType: EVENTS,
        detail: { mail: { tags: { 'ses:configuration-set': [configurationSet] } } },
      },
      targets: [new LambdaFunction(this.function, { deadLetterQueue: this.failedEvents })],
    })
  }

  alarms(): AlarmSpec[] {
    return [failedRunsAlarm(this.function, this.failedEvents), ...this.function.runAlarms()]
  }

  widgets(): IWidget[][] {
    const queue = new GraphWidget({ title: 'Failed events in the queue', width: 12, left: [this.#waiting()] })
    return [[queue], this.function.runWidgets()]
  }

  overview(): OverviewMetrics {
    return { lost: [this.#waiting()], cost: [this.function.gigabyteSeconds()] }
  }

  #waiting(): Metric {
    return this.failedEvents.metricApproximateNumberOfMessagesVisible({
      statistic: 'Maximum',
      label: 'mail-events failed events',
    })
  }
}
