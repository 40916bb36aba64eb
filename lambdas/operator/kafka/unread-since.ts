import { KeeperError } from '../../core/errors.ts'
import type { OperatorDependencies } from '../operation.ts'
import { readRecords } from './read-records.ts'

/** A partition of which a group has read some. */
interface Partition {
  readonly topic: string
  readonly partition: number
  readonly committed: string | null
  readonly lag: number | null
}

/** The next record is small beside this, and a client waits. */
const MOST_BYTES = 4_000_000
const MOST_MS = 5_000

/**
 * When the next record that a group has to read came to Kafka, by topic and partition: how far the group is behind in time.
 * A partition is left out where nothing is left to read, or what is left cannot be read.
 */
export async function unreadSince(
  partitions: readonly Partition[],
  { kafka, admin, deadlineMs }: OperatorDependencies,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const behind = Map.groupBy(
    partitions.filter(({ lag }) => lag !== null && lag > 0),
    ({ topic }) => topic,
  )
  for (const [topic, parts] of behind) {
    const ranges = parts.map(({ partition, committed }) => {
      const next = BigInt(committed ?? 0)
      return { partition, next: String(next), end: String(next + 1n) }
    })
    const limits = {
      records: ranges.length,
      bytes: MOST_BYTES,
      deadlineMs: Math.min(deadlineMs, Date.now() + MOST_MS),
    }
    try {
      const { records } = await readRecords(
        { kafka, admin: await admin() },
        topic,
        ranges,
        limits,
        () => true,
      )
      for (const { partition, timestamp } of records) {
        found.set(`${topic}-${partition}`, new Date(timestamp).toISOString())
      }
    } catch (error) {
      // A batch that nobody can read has no time to show; the offsets are what the caller came for.
      if (!(error instanceof KeeperError)) throw error
    }
  }
  return found
}
