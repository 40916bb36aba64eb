import {
  array,
  boolean,
  integer,
  maxValue,
  minValue,
  nullable,
  number,
  object,
  optional,
  pipe,
  string,
} from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { operation, PAGE_BYTES, type Page } from '../operation.ts'
import { conditionOf } from './condition.ts'
import { type Range, rangesOf } from './ranges.ts'
import { type ReadRecord, readRecords } from './read-records.ts'
import { metadataOf, topicName } from './topics.ts'

/** How long one call waits for records, at most: a client that follows asks again. */
const LONG_POLL_MS = 10_000

const partition = pipe(
  number(),
  integer('a partition is a whole number'),
  minValue(0, 'a partition is at least 0'),
)

/** Where a client goes on: what is left to read of each partition. */
export type MessagesCursor = readonly Range[]

const cursor = array(object({ partition, next: string(), end: nullable(string()) }))

export const readMessages = operation({
  access: 'read',
  does: 'Reads messages of a topic, from a place to the ends that are seen at the start, or on and on.',
  input: object({
    topic: topicName,
    /** rpk's grammar, see ranges.ts. */
    from: optional(string('an offset is a string'), 'start'),
    partitions: optional(array(partition)),
    /** `field op value`, see condition.ts. */
    where: optional(string('a condition is a string')),
    /** The key, exactly. */
    key: optional(string('a key is a string')),
    /** The most messages of one answer. */
    most: optional(pipe(number(), integer(), minValue(1), maxValue(100_000)), 1_000),
    follow: optional(boolean(), false),
    /** The `next` of the answer before. */
    cursor: optional(cursor),
  }),
  run: async (input, dependencies): Promise<Page<ReadRecord, MessagesCursor>> => {
    const { topic, from, partitions, follow } = input
    const admin = await dependencies.admin()
    if (!input.cursor) await checkPartitions(topic, partitions, dependencies)
    const matches = conditionOf(input.where)
    const isKey = (record: ReadRecord) =>
      input.key === undefined ||
      (record.key !== null && 'text' in record.key && record.key.text === input.key)
    const { records, left } = await readRecords(
      { kafka: dependencies.kafka, admin },
      topic,
      input.cursor ?? (await rangesOf(admin, topic, from, partitions, follow)),
      {
        records: input.most,
        bytes: PAGE_BYTES,
        deadlineMs: Math.min(dependencies.deadlineMs, Date.now() + LONG_POLL_MS),
      },
      (record) => isKey(record) && matches(record),
    )
    return { rows: records, next: left.length > 0 ? left : null }
  },
})

async function checkPartitions(
  topic: string,
  partitions: readonly number[] | undefined,
  dependencies: Parameters<typeof metadataOf>[1],
): Promise<void> {
  const there = (await metadataOf(topic, dependencies)).map(({ partitionId }) => partitionId)
  const missing = partitions?.find((wanted) => !there.includes(wanted))
  if (missing === undefined) return
  throw new KeeperError(
    'no_such_partition',
    `${topic} has no partition ${missing}; it has 0 to ${there.length - 1}.`,
  )
}
