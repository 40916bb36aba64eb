import type { BrokerAddress, BrokerConnection } from './broker-connection.ts'
import type { AbortedTransaction } from './record-batches.ts'
import { WireWriter } from './wire.ts'

/** The requests that reading takes, as Kafka 3.1 and later know them. https://kafka.apache.org/41/design/protocol/ */

const METADATA = { key: 3, version: 12 }
/** From version 13 on a topic is named by its id, so a recreated topic is not taken for the old one. */
const FETCH = { key: 1, version: 13 }
const READ_COMMITTED = 1

/** Kafka's codes of errors that matter here. https://kafka.apache.org/41/design/protocol/ (error codes) */
export const KAFKA_ERRORS = {
  unknownServerError: -1,
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopic: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  offsetNotAvailable: 78,
  unknownTopicId: 100,
  inconsistentTopicId: 103,
} as const

/** What Kafka answered, as a reader finds it in Kafka's own list: `unknownTopic (3)`. */
export function errorName(code: number): string {
  const known = Object.entries(KAFKA_ERRORS).find(([, number]) => number === code)
  return known ? `${known[0]} (${code})` : `error ${code}`
}

/** A topic as brokers describe it. */
export interface TopicDescription {
  readonly error: number
  readonly id: string
  readonly brokers: ReadonlyMap<number, BrokerAddress>
  /** The leader of each partition, -1 for none. */
  readonly leaders: ReadonlyMap<number, number>
}

export async function describeTopic(connection: BrokerConnection, topic: string): Promise<TopicDescription> {
  const body = new WireWriter()
  body.compactArray([topic], (name) => {
    body.uuid('0'.repeat(32)).compactString(name).noTags()
  })
  body.int8(0).int8(0).noTags()
  const answer = await connection.send(METADATA.key, METADATA.version, body)
  answer.int32()
  const brokers = answer.compactArray(() => {
    const broker = [answer.int32(), { host: answer.compactString() ?? '', port: answer.int32() }] as const
    answer.compactString()
    answer.skipTags()
    return broker
  })
  answer.compactString()
  answer.int32()
  const [described] = answer.compactArray(() => {
    const error = answer.int16()
    answer.compactString()
    const id = answer.uuid()
    answer.int8()
    const leaders = answer.compactArray(() => {
      answer.int16()
      const leader = [answer.int32(), answer.int32()] as const
      answer.int32()
      for (let list = 0; list < 3; list += 1) answer.compactArray(() => answer.int32())
      answer.skipTags()
      return leader
    })
    answer.int32()
    answer.skipTags()
    return { error, id, leaders: new Map(leaders) }
  })
  const { error = KAFKA_ERRORS.unknownTopic, id = '', leaders = new Map<number, number>() } = described ?? {}
  return { error, id, leaders, brokers: new Map(brokers) }
}

/** Where a partition is to be read on. */
export interface FetchPosition {
  readonly partition: number
  readonly offset: number
}

/** How long a broker waits for records, and how much it gives at once, in milliseconds and bytes. */
export interface FetchLimits {
  readonly waitMs: number
  readonly bytes: number
  readonly partitionBytes: number
}

/** What a broker has of a partition. */
export interface FetchedPartition {
  readonly partition: number
  readonly error: number
  /** Behind the last record that consumers may read: records of open transactions are not among them. */
  readonly end: number
  readonly aborted: readonly AbortedTransaction[]
  readonly batches: Buffer
}

const NO_BATCHES = Buffer.alloc(0)

/** @returns the error of the whole request, and what there is of each partition */
export async function fetchRecords(
  connection: BrokerConnection,
  topicId: string,
  positions: readonly FetchPosition[],
  { waitMs, bytes, partitionBytes }: FetchLimits,
): Promise<{ readonly error: number; readonly partitions: readonly FetchedPartition[] }> {
  const body = new WireWriter()
    .int32(-1)
    .int32(waitMs)
    .int32(1)
    .int32(bytes)
    .int8(READ_COMMITTED)
    // No session: every request says all that it wants.
    .int32(0)
    .int32(-1)
  body.compactArray([topicId], (id) => {
    body.uuid(id)
    body.compactArray(positions, ({ partition, offset }) => {
      body.int32(partition).int32(-1).int64(offset).int32(-1).int64(-1).int32(partitionBytes).noTags()
    })
    body.noTags()
  })
  body
    .compactArray([], () => undefined)
    .compactString('')
    .noTags()
  const answer = await connection.send(FETCH.key, FETCH.version, body, waitMs)
  answer.int32()
  const error = answer.int16()
  answer.int32()
  const topics = answer.compactArray(() => {
    answer.uuid()
    const partitions = answer.compactArray((): FetchedPartition => {
      const partition = answer.int32()
      const partitionError = answer.int16()
      answer.int64()
      const end = answer.int64()
      answer.int64()
      const aborted = answer.compactArray(() => {
        const transaction = { producerId: answer.int64(), firstOffset: answer.int64() }
        answer.skipTags()
        return transaction
      })
      answer.int32()
      const batches = answer.compactBytes() ?? NO_BATCHES
      answer.skipTags()
      return { partition, error: partitionError, end, aborted, batches }
    })
    answer.skipTags()
    return partitions
  })
  return { error, partitions: topics.flat() }
}
