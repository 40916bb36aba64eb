import type { ClientBase } from 'pg'
import type { MskRecord } from '../kafka/msk-event.ts'

/** Offsets of a partition that were never delivered: `first` to `last`, both included. */
export interface OffsetGap {
  readonly topic: string
  readonly partition: number
  readonly first: number
  readonly last: number
}

// In key order, and after everything else that a batch locks, so that transactions cannot deadlock.
const ADVANCE = `
insert into consumed_offsets as known (consumer_group, topic, partition, next_offset)
select $1, topic, partition, next_offset
from unnest($2::text[], $3::integer[], $4::bigint[]) as stored (topic, partition, next_offset)
order by topic, partition
on conflict (consumer_group, topic, partition) do update
set next_offset = greatest(known.next_offset, excluded.next_offset)
returning topic, partition, old.next_offset as expected
`

interface AdvancedRow {
  readonly topic: string
  readonly partition: number
  /** bigint as text; null where the group stores the partition for the first time. */
  readonly expected: string | null
}

/**
 * Saves the group's position after these records, and returns the offsets between its last batch and this one that were
 * never delivered. Kafka deletes records by age, by size or on request, read or not, and Lambda continues with the
 * oldest one left. Transaction markers and aborted records have offsets too, so they appear in the gaps if another
 * producer uses transactions.
 */
export async function advanceOffsets(
  client: ClientBase,
  group: string,
  records: readonly MskRecord[],
): Promise<readonly OffsetGap[]> {
  const batches = boundsByPartition(records)
  const { rows } = await client.query<AdvancedRow>(ADVANCE, [
    group,
    batches.map(({ topic }) => topic),
    batches.map(({ partition }) => partition),
    batches.map(({ last }) => last + 1),
  ])
  return batches.flatMap(({ topic, partition, first }) => {
    const row = rows.find((found) => found.topic === topic && found.partition === partition)
    const expected = Number(row?.expected ?? first)
    return expected < first ? [{ topic, partition, first: expected, last: first - 1 }] : []
  })
}

/** The first and last offset of each partition; the records must be in order within each partition. */
function boundsByPartition(records: readonly MskRecord[]) {
  const bounds = new Map<string, { topic: string; partition: number; first: number; last: number }>()
  for (const { topic, partition, offset } of records) {
    const key = `${topic}-${partition}`
    const known = bounds.get(key)
    if (known) known.last = Math.max(known.last, offset)
    else bounds.set(key, { topic, partition, first: offset, last: offset })
  }
  return [...bounds.values()]
}
