import { Duration, type Size, Stack, Validations } from 'aws-cdk-lib'
import { GraphWidget, type IWidget, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import {
  ContextAttribute,
  Schedule,
  type ScheduleExpression,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { ENVIRONMENT } from '../../../lambdas/core/environment.ts'
import type { Topic } from '../../../lambdas/core/topics.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { AlarmSpec, Monitored, OverviewMetrics } from '../monitoring/monitored.ts'
import { databaseUserOf, type Postgres } from '../postgres/postgres.ts'
import { type FunctionDefaults, type FunctionNetwork, KeeperFunction } from './keeper-function.ts'
import { producerAlarms } from './producer-alarms.ts'

/** A run that could not start within the hour is of no use: the next one is due. */
const MAX_AGE = Duration.hours(1)

export interface ScheduledProducerProps {
  readonly defaults: FunctionDefaults
  readonly description: string
  readonly schedule: ScheduleExpression
  /** The longest time between two runs of the schedule. */
  readonly interval: Duration
  /** Whether every run sends something: then a long time without an event is an alarm, else one without a run. */
  readonly sendsEveryRun: boolean
  readonly kafka: Kafka
  /** The one topic that it may send to. */
  readonly topic: Topic
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string
  readonly postgres: Postgres
  /** For a producer that asks Keepa: the API key, and how few tokens after a run are an alarm. */
  readonly keepa?: { readonly apiKey: ISecret; readonly fewTokens: number }
  readonly environment?: Readonly<Record<string, string>>
  /** At most 15 minutes, Lambda's limit. */
  readonly timeout: Duration
  readonly memory: Size
  readonly network: FunctionNetwork
}

/** A function that sends events to a topic on a schedule: lambdas/producers/<id>. */
export class ScheduledProducer extends Construct implements Monitored {
  readonly title: string
  readonly function: KeeperFunction
  /** Runs that never started, from the scheduler, and runs that failed for good, from Lambda. */
  readonly failedRuns: Queue

  readonly #props: ScheduledProducerProps

  constructor(scope: Construct, id: string, props: ScheduledProducerProps) {
    super(scope, id)
    this.title = id
    this.#props = props
    const user = databaseUserOf(id)

    this.function = new KeeperFunction(this, id, {
      defaults: props.defaults,
      source: `producers/${id}`,
      description: props.description,
      timeout: props.timeout,
      memory: props.memory,
      network: props.network,
      environment: {
        ...props.postgres.environmentFor(user),
        ...props.environment,
        [ENVIRONMENT.bootstrapServers]: props.bootstrapServers,
        [ENVIRONMENT.kafkaAuthentication]: 'iam',
        [props.topic.setting]: props.topic.name,
        ...(props.keepa && { [ENVIRONMENT.keepaApiKeySecretArn]: props.keepa.apiKey.secretArn }),
      },
    })
    props.kafka.grantProduce(this.function, props.topic)
    props.postgres.grantConnect(this.function, user)
    props.keepa?.apiKey.grantRead(this.function)

    this.failedRuns = new Queue(this, 'failed-runs', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })

    // The scheduler invokes asynchronously and is done once Lambda has taken the call, so a run that fails is
    // Lambda's to report: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
    this.function.configureAsyncInvoke({
      // The next run sends what this one left; a second try would spend Keepa's tokens twice.
      retryAttempts: 0,
      maxEventAge: MAX_AGE,
      onFailure: new SqsDestination(this.failedRuns),
    })

    Validations.of(this.failedRuns).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue itself, of the schedule and of the function.',
    })

    new Schedule(this, 'schedule', {
      schedule: props.schedule,
      description: props.description,
      target: new LambdaInvoke(this.function, {
        role: this.#schedulerRole(),
        input: ScheduleTargetInput.fromObject({ scheduledTime: ContextAttribute.scheduledTime }),
        // Tries to hand the call to Lambda, which has not begun a run then.
        retryAttempts: 3,
        maxEventAge: MAX_AGE,
        deadLetterQueue: this.failedRuns,
      }),
    })
  }

  /** May start this function and no version of it; the CDK's own role may start any version. */
  #schedulerRole(): IRole {
    const role = new Role(this, 'schedule-role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    })
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.functionArn] }),
    )
    this.failedRuns.grantSendMessages(role)
    return role.withoutPolicyUpdates()
  }

  alarms(): AlarmSpec[] {
    return producerAlarms({
      ...this.#props,
      name: this.title,
      function: this.function,
      failedRuns: this.failedRuns,
    })
  }

  widgets(): IWidget[][] {
    const graph = (title: string, ...left: Metric[]) => new GraphWidget({ title, width: 12, left })
    const sent = graph(
      'Events sent, and not',
      this.function.countOf('eventsSent'),
      this.function.countOf('eventsNotSent'),
      this.function.countOf('productsNotChecked'),
    )
    const failed = graph('Failed runs in the queue', this.#failedRunsWaiting())
    const keepa = [
      graph('Keepa tokens left', this.function.countOf('keepaTokensLeft', { statistic: 'Minimum' })),
      graph('Keepa refusals', this.function.countOf('keepaRefusals')),
    ]
    return [[sent, failed], ...(this.#props.keepa ? [keepa] : []), this.function.runWidgets()]
  }

  overview(): OverviewMetrics {
    const { keepa } = this.#props
    return {
      fresh: [this.function.countOf('eventsSent')],
      lost: [this.function.countOf('eventsNotSent'), this.#failedRunsWaiting()],
      cost: [
        this.function.gigabyteSeconds(),
        ...(keepa ? [this.function.countOf('keepaTokensLeft', { statistic: 'Minimum' })] : []),
      ],
    }
  }

  #failedRunsWaiting(): Metric {
    return this.failedRuns.metricApproximateNumberOfMessagesVisible({
      statistic: 'Maximum',
      label: `${this.title} failed runs`,
    })
  }
}
