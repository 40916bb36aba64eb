import { randomUUID } from 'node:crypto'
import type { Admin, Consumer, IHeaders, Kafka, KafkaMessage } from 'kafkajs'
import { KeeperError } from '../../core/errors.ts'
import { READ_GROUP_PREFIX } from '../../core/read-groups.ts'
import { registerCodecs } from './compression/codecs.ts'
import type { Range } from './ranges.ts'

/** Bytes as JSON can hold them: text where they are UTF-8, else Base64. Null is not the same as empty. */
export type Bytes = { readonly text: string } | { readonly base64: string } | null

/** A record as people and scripts read it. */
export interface ReadRecord {
  readonly partition: number
  readonly offset: string
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly key: Bytes
  readonly value: Bytes
  readonly headers: readonly { readonly name: string; readonly value: Bytes }[]
}

/** When a read ends, besides at the end of its ranges. */
export interface ReadLimits {
  readonly records: number
  readonly bytes: number
  readonly deadlineMs: number
}

/**
 * Offsets that are left have no record (compacted, aborted, or markers) where Kafka answers for this long, and more than
 * once, that there is nothing: the first answer may be to a question about another place. A broker that does not answer
 * has said nothing.
 */
const NOTHING_MS = 2_000
const NOTHING_ANSWERS = 2

/** Kafka makes the topic of its groups at the first one, and a coordinator that loads it asks to come again. */
const RETRY = { retries: 8, initialRetryTime: 100, maxRetryTime: 1_000 }

/**
 * Reads records of `ranges`, in their order within each partition, with a consumer group of its own that commits
 * nothing and is deleted afterwards.
 * @param keep which records count; the others are passed over
 * @returns the records, and what is left of the ranges
 */
export async function readRecords(
  { kafka, admin }: { readonly kafka: Kafka; readonly admin: Admin },
  topic: string,
  ranges: readonly Range[],
  limits: ReadLimits,
  keep: (record: ReadRecord) => boolean,
): Promise<{ readonly records: readonly ReadRecord[]; readonly left: readonly Range[] }> {
  const open = ranges.filter(({ next, end }) => end === null || BigInt(next) < BigInt(end))
  if (open.length === 0) return { records: [], left: [] }
  registerCodecs()
  const groupId = `${READ_GROUP_PREFIX}${randomUUID()}`
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 250,
    retry: RETRY,
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic] })
    return await collect(consumer, topic, open, limits, keep, await leadersOf(admin, topic))
  } finally {
    await consumer.disconnect()
    // A group that nobody joined is not there; Kafka also forgets empty groups by itself.
    await admin.deleteGroups([groupId]).catch(() => undefined)
  }
}

async function collect(
  consumer: Consumer,
  topic: string,
  open: readonly Range[],
  limits: ReadLimits,
  keep: (record: ReadRecord) => boolean,
  leaders: ReadonlyMap<number, number>,
) {
  const left = new Map(open.map((range) => [range.partition, range]))
  const records: ReadRecord[] = []
  let bytes = 0
  let finish: (error?: Error) => void = () => undefined
  const finished = new Promise<void>((resolve, reject) => {
    finish = (error) => (error ? reject(error) : resolve())
  })
  // It may be rejected before it is waited for.
  finished.catch(() => undefined)
  consumer.on('consumer.crash', ({ payload: { error, restart } }) => {
    if (restart && isLoading(error)) return
    finish(error.cause instanceof KeeperError ? error.cause : error)
  })

  let heardMs = Date.now()
  const answers = new Map<number, number>()
  const heard = () => {
    heardMs = Date.now()
    answers.clear()
  }
  const hasSaidNothing = (partition: number) =>
    (answers.get(leaders.get(partition) ?? -1) ?? 0) >= NOTHING_ANSWERS
  consumer.on('consumer.fetch', ({ payload: { nodeId } }) => {
    answers.set(Number(nodeId), (answers.get(Number(nodeId)) ?? 0) + 1)
    if (Date.now() - heardMs >= NOTHING_MS && [...left.keys()].every(hasSaidNothing)) finish()
  })
  const deadline = setTimeout(finish, Math.max(0, limits.deadlineMs - Date.now()))
  const isFull = () => records.length >= limits.records || bytes >= limits.bytes

  const joined = new Promise<void>((resolve) => {
    consumer.on('consumer.group_join', () => {
      heard()
      resolve()
    })
  })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      heard()
      for (const message of batch.messages) {
        const range = left.get(batch.partition)
        if (!range || isFull() || BigInt(message.offset) < BigInt(range.next)) continue
        if (range.end !== null && BigInt(message.offset) >= BigInt(range.end)) break
        const record = recordOf(batch.partition, message)
        if (keep(record)) {
          records.push(record)
          bytes += Buffer.byteLength(JSON.stringify(record))
        }
        left.set(batch.partition, { ...range, next: String(BigInt(message.offset) + 1n) })
      }
      const range = left.get(batch.partition)
      const isOver = range?.end != null && BigInt(batch.lastOffset()) + 1n >= BigInt(range.end)
      if (isOver && !isFull()) left.delete(batch.partition)
      if (left.size === 0 || isFull()) finish()
    },
  })
  try {
    await Promise.race([joined, finished])
    for (const { partition, next } of open) consumer.seek({ topic, partition, offset: next })
    heard()
    await finished
  } finally {
    clearTimeout(deadline)
  }
  const isCutShort = isFull() || Date.now() >= limits.deadlineMs
  return { records, left: [...left.values()].filter(({ end }) => end === null || isCutShort) }
}

/** The broker that each partition is read from. */
async function leadersOf(admin: Admin, topic: string): Promise<ReadonlyMap<number, number>> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  const partitions = topics.flatMap((found) => found.partitions)
  return new Map(partitions.map(({ partitionId, leader }) => [partitionId, leader]))
}

/** After a broker's start the coordinator loads its groups, and kafkajs joins again by itself. */
const isLoading = (error: Error & { readonly type?: string }): boolean =>
  [error, error.cause].some(
    (one) => (one as { type?: string } | undefined)?.type === 'GROUP_LOAD_IN_PROGRESS',
  )

function recordOf(partition: number, { offset, timestamp, key, value, headers }: KafkaMessage): ReadRecord {
  return {
    ...{ partition, offset, timestamp: Number(timestamp) },
    key: bytesOf(key),
    value: bytesOf(value),
    headers: headersOf(headers),
  }
}

const headersOf = (headers: IHeaders | undefined): ReadRecord['headers'] =>
  Object.entries(headers ?? {}).flatMap(([name, values]) =>
    [values ?? null]
      .flat()
      .map((value) => ({ name, value: bytesOf(value === null ? null : Buffer.from(value)) })),
  )

export function bytesOf(bytes: Buffer | null): Bytes {
  if (bytes === null) return null
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? { text } : { base64: bytes.toString('base64') }
}
