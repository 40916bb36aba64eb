import type { Duration, Size } from 'aws-cdk-lib'
import { GraphWidget, type IWidget } from 'aws-cdk-lib/aws-cloudwatch'
import { StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { ManagedKafkaEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { ENVIRONMENT } from '../../lambdas/core/environment.ts'
import type { Topic } from '../../lambdas/core/topics.ts'
import type { PollerRange } from '../config.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { type FunctionNetwork, KeeperFunction } from './keeper-function.ts'
import { databaseUserOf, type PriceDatabase } from './price-database.ts'

export interface TopicConsumerProps {
  readonly description: string
  readonly cluster: KafkaCluster
  readonly database: PriceDatabase
  readonly topic: Topic
  /** The group whose committed offsets say where to go on; a new group starts at the oldest record. */
  readonly groupId: string
  /** Records in one invocation, 1 to 10,000. */
  readonly batchSize: number
  /** How long a poller gathers records for one batch, whole seconds. */
  readonly batchingWindow: Duration
  /** Provisioned mode, and with it partial batch responses; without it Lambda polls on demand. */
  readonly pollers?: PollerRange
  /** At most 14 minutes: a rule of event source mappings for Kafka. */
  readonly timeout: Duration
  readonly memory: Size
  readonly network: FunctionNetwork
  readonly logRetention: RetentionDays
}

/** A function that stores what a topic brings: lambdas/consumers/<id>, invoked with batches of records. */
export class TopicConsumer extends Construct {
  readonly function: KeeperFunction

  constructor(scope: Construct, id: string, props: TopicConsumerProps) {
    super(scope, id)
    const user = databaseUserOf(id)
    // Partial responses belong to provisioned mode; on demand the handler must throw instead.
    const partialResponses = props.pollers !== undefined

    this.function = new KeeperFunction(this, id, {
      source: `consumers/${id}`,
      description: props.description,
      timeout: props.timeout,
      memory: props.memory,
      network: props.network,
      logRetention: props.logRetention,
      environment: {
        ...props.database.environmentFor(user),
        [ENVIRONMENT.partialBatchResponse]: String(partialResponses),
      },
    })
    props.database.grantConnect(this.function, user)
    props.cluster.grantConsume(this.function, props.topic, props.groupId)

    this.function.addEventSource(
      new ManagedKafkaEventSource({
        clusterArn: props.cluster.clusterArn,
        topic: props.topic.name,
        consumerGroupId: props.groupId,
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: props.batchSize,
        maxBatchingWindow: props.batchingWindow,
        ...(props.pollers && {
          provisionedPollerConfig: {
            minimumPollers: props.pollers.minimum,
            maximumPollers: props.pollers.maximum,
          },
          reportBatchItemFailures: true,
        }),
      }),
    )
  }

  /** The consumer's row on the dashboard: what it stored, how far it is behind, how it runs. */
  widgets(): IWidget[] {
    const name = this.node.id
    return [
      new GraphWidget({
        title: `${name}: rows, alerts, rejected`,
        width: 10,
        left: [
          this.function.countOf('historyRowsStored'),
          this.function.countOf('alertsRaised'),
          this.function.countOf('recordsRejected'),
        ],
      }),
      new GraphWidget({
        title: `${name}: records behind`,
        width: 7,
        // By function, which is by mapping as well: a function has one.
        left: [this.function.metric('OffsetLag', { statistic: 'Maximum' })],
      }),
      this.function.runWidget(7),
    ]
  }
}
