import { Duration, type Size } from 'aws-cdk-lib'
import { GraphWidget, type IWidget } from 'aws-cdk-lib/aws-cloudwatch'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import {
  ContextAttribute,
  Schedule,
  type ScheduleExpression,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { ENVIRONMENT } from '../../lambdas/core/environment.ts'
import { PRICE_UPDATES, type Topic } from '../../lambdas/core/topics.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { type FunctionNetwork, KeeperFunction } from './keeper-function.ts'
import { databaseUserOf, type PriceDatabase } from './price-database.ts'

/** A run that could not start within the hour is of no use: the next one is due. */
const MAX_AGE = Duration.hours(1)

export interface ScheduledProducerProps {
  readonly description: string
  readonly schedule: ScheduleExpression
  readonly cluster: KafkaCluster
  /** The one topic that it may send to. */
  readonly topic: Topic
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string
  readonly database: PriceDatabase
  /** Keepa's API key, for a producer that asks Keepa. */
  readonly keepaApiKey?: ISecret
  readonly environment?: Readonly<Record<string, string>>
  /** At most 15 minutes, Lambda's limit. */
  readonly timeout: Duration
  readonly memory: Size
  readonly network: FunctionNetwork
  readonly logRetention: RetentionDays
}

/** A function that sends events to a topic on a schedule: lambdas/producers/<id>. */
export class ScheduledProducer extends Construct {
  readonly function: KeeperFunction
  /** Runs that never started, from the scheduler, and runs that failed for good, from Lambda. */
  readonly failedRuns: Queue

  constructor(scope: Construct, id: string, props: ScheduledProducerProps) {
    super(scope, id)
    const user = databaseUserOf(id)

    this.function = new KeeperFunction(this, id, {
      source: `producers/${id}`,
      description: props.description,
      timeout: props.timeout,
      memory: props.memory,
      network: props.network,
      logRetention: props.logRetention,
      environment: {
        ...props.database.environmentFor(user),
        ...props.environment,
        [ENVIRONMENT.bootstrapServers]: props.bootstrapServers,
        [ENVIRONMENT.kafkaAuthentication]: 'iam',
        [props.topic === PRICE_UPDATES ? ENVIRONMENT.topicPrices : ENVIRONMENT.topicDeals]: props.topic.name,
        ...(props.keepaApiKey && { [ENVIRONMENT.keepaApiKeySecretArn]: props.keepaApiKey.secretArn }),
      },
    })
    props.cluster.grantProduce(this.function, props.topic)
    props.database.grantConnect(this.function, user)
    props.keepaApiKey?.grantRead(this.function)

    this.failedRuns = new Queue(this, 'failed-runs', { enforceSSL: true, retentionPeriod: Duration.days(14) })

    // The scheduler invokes asynchronously and is done once Lambda has taken the call, so a run that fails is
    // Lambda's to retry and to report: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
    this.function.configureAsyncInvoke({
      retryAttempts: 1,
      maxEventAge: MAX_AGE,
      onFailure: new SqsDestination(this.failedRuns),
    })

    new Schedule(this, 'schedule', {
      schedule: props.schedule,
      description: props.description,
      target: new LambdaInvoke(this.function, {
        input: ScheduleTargetInput.fromObject({ scheduledTime: ContextAttribute.scheduledTime }),
        retryAttempts: 3,
        maxEventAge: MAX_AGE,
        deadLetterQueue: this.failedRuns,
      }),
    })
  }

  /** The producer's row on the dashboard: what it sent, and how it runs. */
  widgets(): IWidget[] {
    return [
      new GraphWidget({
        title: `${this.node.id}: events`,
        width: 12,
        left: [this.function.countOf('eventsSent'), this.function.countOf('eventsNotSent')],
      }),
      this.function.runWidget(12),
    ]
  }
}
