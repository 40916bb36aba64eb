import type { BufferedRecord } from './record.ts'

/** Records of one partition that go through their tries together. */
export interface Attempt {
  readonly records: readonly BufferedRecord[]
  /** How many of their tries were retries; cutting a batch into smaller ones is none. */
  readonly retries: number
  /** How often the function was invoked with them. */
  readonly invokes: number
  /** Of the last of these invocations. */
  readonly requestId: string | undefined
  /** Where the partition goes on when all of it is done: behind records that were dropped from its end as well. */
  readonly end: bigint
  /** How long they wait before the next try. */
  readonly pauseMs: number
}

/** Records that were not tried yet. */
export const firstAttempt = (records: readonly BufferedRecord[]): Attempt => ({
  records,
  retries: 0,
  invokes: 0,
  requestId: undefined,
  end: endOf(records),
  pauseMs: 0,
})

export const endOf = (records: readonly BufferedRecord[]): bigint => (records.at(-1)?.offset ?? -1n) + 1n

/** A try that left records. */
export interface Failure {
  /** The records that are left, the end of the attempt's. */
  readonly left: readonly BufferedRecord[]
  /** Whether the invocation carried other partitions as well. */
  readonly shared: boolean
  readonly requestId: string | undefined
  /** Whether the function was not invoked at all. */
  readonly throttled: boolean
}

/** The settings that decide over retries. */
export interface RetrySettings {
  readonly bisect: boolean
  readonly mostRetries: number
}

/** Pauses before retries: 1 s, doubled each time up to 30 s. AWS says only that they grow. */
const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 30_000

/**
 * What follows a try that left records: attempts in offset order, or undefined where all that is left is to be dropped.
 *
 * - With bisecting, a batch is cut: into its partitions first, then at the offset that the function reported, else into
 *   halves. Cutting is no retry and needs no pause. A record alone is retried.
 * - Without, the partitions of a batch are retried apart, so that only those that fail go on failing.
 * - An invocation that was throttled is no try: it is made again, however often.
 * - A partition that got on starts to count its retries anew: what is left was not what was retried before.
 */
export function afterFailure(
  attempt: Attempt,
  { left, shared, requestId, throttled }: Failure,
  { bisect, mostRetries }: RetrySettings,
): readonly Attempt[] | undefined {
  const { retries, invokes, records } = attempt
  if (throttled) return [{ ...attempt, pauseMs: FIRST_PAUSE_MS }]
  const gotOn = left.length < records.length
  const again = { ...attempt, retries: gotOn ? 0 : retries, invokes: invokes + 1, requestId, pauseMs: 0 }
  if (bisect && (shared || gotOn)) return [{ ...again, records: left }]
  if (bisect && left.length > 1) {
    const middle = Math.ceil(left.length / 2)
    const first = left.slice(0, middle)
    return [
      { ...again, records: first, end: endOf(first) },
      { ...again, records: left.slice(middle) },
    ]
  }
  if (again.retries >= mostRetries) return undefined
  return [
    {
      ...again,
      records: left,
      retries: again.retries + 1,
      pauseMs: shared ? 0 : pauseBefore(again.retries + 1),
    },
  ]
}

/** The pause before the nth retry, counted from 1. */
export const pauseBefore = (retry: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** (retry - 1), LAST_PAUSE_MS)
