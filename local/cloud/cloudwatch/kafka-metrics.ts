import type { Admin, Kafka } from 'kafkajs'
import { groupPositions, lagOf } from '../kafka/group-positions.ts'
import type { MappingResource } from '../mapping/mapping-resource.ts'
import type { Measurement } from './metric-store.ts'
import { TimeLag } from './time-lag.ts'

/** Of the cluster. */
export const KAFKA_METRICS: readonly string[] = ['OfflinePartitionsCount']

/** Of a consumer group and its topic. */
export const KAFKA_TOPIC_METRICS: readonly string[] = ['MaxOffsetLag', 'SumOffsetLag', 'EstimatedMaxTimeLag']

/**
 * What MSK publishes each minute and Kafka itself can be asked: partitions without a leader, and how far groups are
 * behind. There is one cluster here, whatever the template calls it.
 * https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html
 */
export class KafkaMetrics {
  readonly #admin: Admin
  readonly #mappings: readonly MappingResource[]
  readonly #timeLags = new Map<string, TimeLag>()
  #closed = false

  constructor(kafka: Kafka, mappings: readonly MappingResource[]) {
    this.#admin = kafka.admin({ retry: { initialRetryTime: 100, retries: 2 } })
    this.#mappings = mappings
  }

  /** Asks Kafka; what it does not answer is not there. Throws what Kafka throws where it cannot be reached. */
  async measure(atMs: number): Promise<readonly Measurement[]> {
    if (this.#mappings.length === 0) return []
    await this.#admin.connect()
    if (this.#closed) await this.#admin.disconnect()
    const asked = [this.#offline(atMs), ...this.#mappings.map((mapping) => this.#behind(mapping, atMs))]
    const answers = await Promise.allSettled(asked)
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#admin.disconnect().catch(() => undefined)
  }

  async #offline(atMs: number): Promise<Measurement[]> {
    const topics = [...new Set(this.#mappings.map(({ topic }) => topic))]
    const { topics: described } = await this.#admin.fetchTopicMetadata({ topics })
    const partitions = described.flatMap(({ partitions: of }) => of)
    const offline = partitions.filter(({ leader }) => leader < 0).length
    return [measurement('OfflinePartitionsCount', {}, offline, atMs)]
  }

  /** A partition that the group has committed nothing of is left out: MSK says nothing of it. */
  async #behind({ topic, consumerGroupId: group }: MappingResource, atMs: number): Promise<Measurement[]> {
    const positions = await groupPositions(this.#admin, topic, group)
    const partitions = positions.filter(({ isCommitted }) => isCommitted)
    if (partitions.length === 0) return []
    const lags = partitions.map(lagOf)
    const seconds = partitions.map(({ partition, end, next }) =>
      this.#timeLag(`${group} ${topic} ${partition}`).seconds(atMs, end, next),
    )
    const dimensions = { 'Consumer Group': group, Topic: topic }
    return [
      measurement('MaxOffsetLag', dimensions, Math.max(...lags), atMs),
      measurement(
        'SumOffsetLag',
        dimensions,
        lags.reduce((a, b) => a + b, 0),
        atMs,
      ),
      measurement('EstimatedMaxTimeLag', dimensions, Math.max(...seconds), atMs),
    ]
  }

  #timeLag(key: string): TimeLag {
    const known = this.#timeLags.get(key) ?? new TimeLag()
    this.#timeLags.set(key, known)
    return known
  }
}

const measurement = (
  name: string,
  dimensions: Readonly<Record<string, string>>,
  value: number,
  atMs: number,
): Measurement => ({
  namespace: 'AWS/Kafka',
  name,
  dimensions,
  unit: name === 'EstimatedMaxTimeLag' ? 'Seconds' : 'Count',
  atMs,
  values: [value],
})
