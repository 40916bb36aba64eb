import type { Admin } from 'kafkajs'
import { KeeperError } from '../../core/errors.ts'
import { writtenTime } from '../written-time.ts'

/** What is left to read of a partition. Offsets are text, as they are 64 bits. */
export interface Range {
  readonly partition: number
  /** The next offset to read. */
  readonly next: string
  /** The offset before which reading ends; null to go on as records come. */
  readonly end: string | null
}

const PLACES = 'start, end, +N, -N, N, @2026-02-20T12:00:00Z or @-1h'

const RANGE = /^\d+:\d+$/

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Where reading begins and ends, for each partition, in rpk's grammar: `start`, `end`, `+N` (N behind the start), `-N`
 * (N before the end), `N` or `N:M` (offsets), `@TIME` (in UTC unless it has a zone) and `@-1h` (the first record at or
 * after a time). Reading ends at the ends that are seen now; with `follow` it does not end, and `N:M`, which does, is
 * refused.
 * @throws KeeperError `bad_offset` with the grammar
 */
export async function rangesOf(
  admin: Admin,
  topic: string,
  from: string,
  partitions: readonly number[] | undefined,
  follow: boolean,
): Promise<Range[]> {
  const offsets = (await admin.fetchTopicOffsets(topic)).filter(
    ({ partition }) => !partitions || partitions.includes(partition),
  )
  const starts = await startsOf(admin, topic, from)
  if (follow && RANGE.test(from)) {
    throw new KeeperError('bad_offset', `"${from}" has an end, where none is taken: use ${PLACES}.`)
  }
  return offsets
    .map(({ partition, low, high }) => {
      const start = BigInt(low)
      const end = BigInt(high)
      const { first, last } = starts({ partition, start, end })
      const clamp = (offset: bigint) => (offset < start ? start : offset > end ? end : offset)
      return {
        partition,
        next: String(clamp(first)),
        end: follow ? null : String(last === undefined ? end : clamp(last)),
      }
    })
    .toSorted((a, b) => a.partition - b.partition)
}

interface Bounds {
  readonly partition: number
  readonly start: bigint
  readonly end: bigint
}

type StartOf = (bounds: Bounds) => { readonly first: bigint; readonly last?: bigint }

async function startsOf(admin: Admin, topic: string, from: string): Promise<StartOf> {
  if (from === 'start') return ({ start }) => ({ first: start })
  if (from === 'end') return ({ end }) => ({ first: end })
  const [, sign, first, last] = /^([+-]?)(\d{1,18})(?::(\d{1,18}))?$/.exec(from) ?? []
  if (first !== undefined) {
    const number = BigInt(first)
    if (sign === '+' && last === undefined) return ({ start }) => ({ first: start + number })
    if (sign === '-' && last === undefined) return ({ end }) => ({ first: end - number })
    if (sign === '') return () => ({ first: number, ...(last !== undefined && { last: BigInt(last) }) })
  }
  const atMs = from.startsWith('@') ? timeOf(from.slice(1)) : undefined
  if (atMs === undefined)
    throw new KeeperError(
      'bad_offset',
      `The offset "${from}" cannot be read: use ${PLACES}, or N:M where reading ends.`,
    )
  const found = await admin.fetchTopicOffsetsByTimestamp(topic, atMs)
  const byPartition = new Map(found.map(({ partition, offset }) => [partition, BigInt(offset)]))
  // Where no record is as new, Kafka gives -1 and kafkajs the end.
  return ({ partition, end }) => {
    const offset = byPartition.get(partition) ?? end
    return { first: offset < 0n ? end : offset }
  }
}

function timeOf(text: string): number | undefined {
  const [, number, unit = ''] = /^-(\d{1,9})([smhd])$/.exec(text) ?? []
  if (number !== undefined) return Date.now() - Number(number) * (UNIT_MS[unit] ?? 0)
  return writtenTime(text)
}
