import { Duration } from 'aws-cdk-lib'
import { MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Topic } from '../../../lambdas/core/topics.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { KeeperFunction } from './keeper-function.ts'

const FIVE_MINUTES = Duration.minutes(5)

/** How far a consumer is behind its topic: the one place that names the metrics of lag. */
export class ConsumerLag {
  readonly #consumer: KeeperFunction
  readonly #kafka: Kafka
  readonly #topic: Topic
  readonly #groupId: string

  constructor(
    consumer: KeeperFunction,
    { kafka, topic, groupId }: { kafka: Kafka; topic: Topic; groupId: string },
  ) {
    this.#consumer = consumer
    this.#kafka = kafka
    this.#topic = topic
    this.#groupId = groupId
  }

  /** Seconds between Kafka's taking the oldest record of a batch and the consumer's storing it; absent while it stores none. */
  recordAge(): Metric {
    return this.#consumer.countOf('recordAge', { statistic: 'Maximum', period: FIVE_MINUTES })
  }

  /** Records that the mapping has not read: by function, which is by mapping as well, as it has one. */
  records(period = FIVE_MINUTES): Metric {
    return this.#consumer.metric('OffsetLag', { statistic: 'Maximum', period })
  }

  /**
   * Seconds that reading what is left would take, by MSK's estimate: not how old it is, and absent while the group is
   * neither STABLE nor EMPTY. https://docs.aws.amazon.com/msk/latest/developerguide/consumer-lag.html
   */
  secondsToCatchUp(): Metric {
    return this.#ofGroup('EstimatedMaxTimeLag', FIVE_MINUTES).with({
      label: `${this.#consumer.name} seconds to catch up`,
    })
  }

  /**
   * 1 where there are records to read and `done`, a count of what the consumer does with them, is 0 or absent. Lambda
   * says nothing of a mapping that does not poll, and MSK nothing of a group that is being balanced: either's word is
   * enough.
   */
  unreadWithout(done: Metric, period: Duration): MathExpression {
    return new MathExpression({
      expression: 'IF((FILL(unread, 0) > 0 OR FILL(lag, 0) > 0) AND FILL(done, 0) == 0, 1, 0)',
      usingMetrics: {
        unread: this.records(period),
        lag: this.#ofGroup('SumOffsetLag', period),
        done: done.with({ period, statistic: 'Sum' }),
      },
      period,
      label: 'records to read, and none read',
    })
  }

  #ofGroup(metricName: string, period: Duration): Metric {
    return this.#kafka.groupMetric(metricName, { topic: this.#topic.name, groupId: this.#groupId, period })
  }
}
