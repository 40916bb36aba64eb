import type { Duration } from 'aws-cdk-lib'
import { GraphWidget, type IWidget, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { ENVIRONMENT } from '../../../lambdas/core/environment.ts'
import type { Topic } from '../../../lambdas/core/topics.ts'
import type { SizeProfile } from '../../config.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { AlarmSpec, Monitored, OverviewMetrics } from '../monitoring/monitored.ts'
import { databaseUserOf, type Postgres } from '../postgres/postgres.ts'
import { consumerAlarms, recordLag } from './consumer-alarms.ts'
import { type FunctionDefaults, type FunctionNetwork, KeeperFunction } from './keeper-function.ts'

export interface TopicConsumerProps {
  readonly defaults: FunctionDefaults
  readonly description: string
  readonly kafka: Kafka
  readonly postgres: Postgres
  readonly topic: Topic
  readonly profile: SizeProfile['consumers']
  /** An older unread record than this is an alarm. */
  readonly mostLag: Duration
  readonly network: FunctionNetwork
}

/** A function that stores what a topic brings: lambdas/consumers/<id>, invoked with batches of records. */
export class TopicConsumer extends Construct implements Monitored {
  readonly title: string
  readonly function: KeeperFunction

  readonly #props: TopicConsumerProps
  /** Its committed offsets say where to resume; a new group starts at the oldest record. */
  readonly #groupId: string

  constructor(scope: Construct, id: string, props: TopicConsumerProps) {
    super(scope, id)
    this.title = id
    this.#props = props
    const { profile, kafka, postgres, topic } = props
    const groupId = groupOf(topic, id)
    this.#groupId = groupId
    const { pollers } = profile
    const user = databaseUserOf(id)

    this.function = new KeeperFunction(this, id, {
      defaults: props.defaults,
      source: `consumers/${id}`,
      description: props.description,
      timeout: profile.timeout,
      memory: profile.memory,
      reservedConcurrency: profile.reservedConcurrency,
      network: props.network,
      environment: {
        ...postgres.environmentFor(user),
        // Partial responses belong to provisioned mode; on demand the handler must throw instead.
        [ENVIRONMENT.partialBatchResponse]: String(pollers !== undefined),
      },
    })
    postgres.grantConnect(this.function, user)
    kafka.grantConsume(this.function, topic, groupId)

    // Not ManagedKafkaEventSource, which attaches a managed policy for every cluster and log group of the account.
    new EventSourceMapping(this, 'mapping', {
      target: this.function,
      eventSourceArn: kafka.clusterArn,
      kafkaTopic: topic.name,
      kafkaConsumerGroupId: groupId,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: profile.batchSize,
      maxBatchingWindow: profile.batchingWindow,
      ...(pollers && {
        provisionedPollerConfig: { minimumPollers: pollers.minimum, maximumPollers: pollers.maximum },
        reportBatchItemFailures: true,
      }),
      // Lambda asks for the role's rights when the mapping is made.
    }).node.addDependency(this.function.executionRole)
  }

  alarms(): AlarmSpec[] {
    const { mostLag, profile } = this.#props
    return consumerAlarms({
      name: this.title,
      function: this.function,
      timeLag: this.#timeLag(),
      mostLag,
      timeout: profile.timeout,
    })
  }

  widgets(): IWidget[][] {
    const graph = (title: string, ...left: Metric[]) => new GraphWidget({ title, width: 12, left })
    const { function: handler } = this
    return [
      [
        graph('Rows, alerts', handler.countOf('historyRowsStored'), handler.countOf('alertsRaised')),
        graph(
          'Records received, and what became of those not stored',
          handler.countOf('recordsReceived'),
          handler.countOf('recordsRejected'),
          handler.countOf('recordsUnwatched'),
          handler.countOf('recordsWithoutPrice'),
          handler.countOf('tombstones'),
          handler.countOf('keyMismatches'),
        ),
      ],
      [graph('Seconds behind', this.#timeLag()), graph('Records behind', recordLag(handler))],
      handler.runWidgets(),
    ]
  }

  overview(): OverviewMetrics {
    return {
      fresh: [this.function.countOf('historyRowsStored'), this.#timeLag()],
      lost: [this.function.countOf('recordsRejected')],
      cost: [this.function.gigabyteSeconds()],
    }
  }

  #timeLag(): Metric {
    return this.#props.kafka.timeLag(this.#props.topic, this.#groupId)
  }
}

function groupOf({ name, groups }: Topic, consumer: string): string {
  const group = groups[consumer]
  if (group) return group
  throw new Error(
    `The topic ${name} has no consumer group for ${consumer}: add one to its entry in lambdas/core/topics.ts.`,
  )
}
