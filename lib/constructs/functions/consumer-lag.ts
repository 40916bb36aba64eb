import { Duration } from 'aws-cdk-lib'
import { MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Topic } from '../../../lambdas/core/topics.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { KeeperFunction } from './keeper-function.ts'

const FIVE_MINUTES = Duration.minutes(5)

/** How far a consumer is behind its topic. Lag metrics are named only here. */
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

  /** The age of a batch's oldest record when it was stored, in seconds since Kafka received it; absent if nothing is stored. */
  recordAge(): Metric {
    return this.#consumer.countOf('recordAge', { statistic: 'Maximum', period: FIVE_MINUTES })
  }

  /** Records that the mapping has not read. The metric is per function, which has one mapping. */
  records(period = FIVE_MINUTES): Metric {
    return this.#consumer.metric('OffsetLag', { statistic: 'Maximum', period })
  }

  /**
   * MSK's estimate of the seconds needed to read the remaining records: not their age. Absent unless the group is STABLE
   * or EMPTY. https://docs.aws.amazon.com/msk/latest/developerguide/consumer-lag.html
   */
  secondsToCatchUp(): Metric {
    return this.#ofGroup('EstimatedMaxTimeLag', FIVE_MINUTES).with({
      label: `${this.#consumer.name} seconds to catch up`,
    })
  }

  /**
   * 1 if there are records to read and `done`, a count of what the consumer does with them, is 0 or absent. Either
   * service's lag metric is enough: Lambda reports none for a mapping that does not poll, MSK none for a group that is
   * rebalancing.
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
