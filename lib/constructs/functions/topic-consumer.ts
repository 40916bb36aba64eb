import type { Duration } from 'aws-cdk-lib'
import { GraphWidget, type IWidget, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import type { Topic } from '../../../lambdas/core/topics.ts'
import { type ConsumerProfiles, consumerProfile } from '../../config.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { AlarmSpec, Monitored, OverviewMetrics } from '../monitoring/monitored.ts'
import { consumerAlarms } from './consumer-alarms.ts'
import { ConsumerLag } from './consumer-lag.ts'
import { type FunctionDefaults, type FunctionNetwork, KeeperFunction } from './keeper-function.ts'

export interface TopicConsumerProps {
  readonly defaults: FunctionDefaults
  readonly description: string
  readonly kafka: Kafka
  /** The topic's entry must have a group for this consumer. */
  readonly topic: Topic
  readonly environment?: Readonly<Record<string, string>>
  /** The profiles of all consumers: this one's, or the default, is used. */
  readonly profiles: ConsumerProfiles
  /** The age at which a stored record raises an alarm. */
  readonly mostLag: Duration
  readonly network: FunctionNetwork
}

/** A function invoked with batches of a topic's records: lambdas/consumers/<id>. */
export class TopicConsumer extends Construct implements Monitored {
  readonly title: string
  readonly function: KeeperFunction
  /** How far it is behind its topic. */
  protected readonly lag: ConsumerLag

  readonly #mostLag: Duration

  constructor(scope: Construct, id: string, props: TopicConsumerProps) {
    super(scope, id)
    const { kafka, topic } = props
    const groupId = groupOf(topic, id)
    const { timeout, memory, reservedConcurrency, batchSize, batchingWindow, pollers } = consumerProfile(
      props.profiles,
      id,
    )
    this.title = id
    this.#mostLag = props.mostLag
    this.function = new KeeperFunction(this, id, {
      defaults: props.defaults,
      source: `consumers/${id}`,
      description: props.description,
      timeout,
      memory,
      reservedConcurrency,
      network: props.network,
      environment: {
        ...props.environment,
        // Partial responses belong to provisioned mode; on demand the handler must throw instead.
        [ENVIRONMENT.partialBatchResponse]: String(pollers !== undefined),
      },
    })
    kafka.grantConsume(this.function, topic, groupId)
    this.lag = new ConsumerLag(this.function, { kafka, topic, groupId })

    // Not ManagedKafkaEventSource: it attaches a managed policy for every cluster and log group of the account.
    new EventSourceMapping(this, 'mapping', {
      target: this.function,
      eventSourceArn: kafka.clusterArn,
      kafkaTopic: topic.name,
      // The group's committed offsets say where to resume; a new group starts at the oldest record.
      kafkaConsumerGroupId: groupId,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize,
      maxBatchingWindow: batchingWindow,
      ...(pollers && {
        provisionedPollerConfig: {
          minimumPollers: pollers.minimum,
          maximumPollers: pollers.maximum,
          // Mappings of one group share the units that pollers are charged by, where each would take a whole one:
          // https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html
          pollerGroupName: `keeper-${props.defaults.stage}`,
        },
        reportBatchItemFailures: true,
      }),
      // Lambda checks the role's permissions when it creates the mapping.
    }).node.addDependency(this.function.executionRole)
  }

  alarms(): AlarmSpec[] {
    return [
      ...consumerAlarms({ function: this.function, lag: this.lag, mostLag: this.#mostLag }),
      ...this.function.runAlarms(),
    ]
  }

  widgets(): IWidget[][] {
    const graph = (title: string, ...left: Metric[]) => new GraphWidget({ title, width: 12, left })
    return [
      [
        graph(
          'Seconds: age of the oldest record stored, time to catch up',
          this.lag.recordAge(),
          this.lag.secondsToCatchUp(),
        ),
        graph('Records behind', this.lag.records()),
      ],
      this.function.runWidgets(),
    ]
  }

  overview(): OverviewMetrics {
    return { fresh: [this.lag.recordAge()], cost: [this.function.gigabyteSeconds()] }
  }
}

function groupOf({ name, groups }: Topic, consumer: string): string {
  const group = groups[consumer]
  if (group) return group
  throw new Error(
    `The topic ${name} has no consumer group for ${consumer}: add one to its entry in lambdas/core/topics.ts.`,
  )
}
