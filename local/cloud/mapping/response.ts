import type { Outcome } from '../execution-environment.ts'
import type { Batch } from './batch.ts'

/** What an invocation says of its batch: which records are done, and which are to be delivered again. */
export interface Verdict {
  /** The records to deliver again, by partition; empty where all are done. */
  readonly left: Batch
  /** Why, where any are left. */
  readonly reason: string | undefined
}

/**
 * Reads a function's answer. An error leaves the whole batch. With ReportBatchItemFailures a partition goes on at the
 * lowest offset reported for it; an identifier that is malformed or not in the batch leaves the whole batch; null, an
 * empty object or list is success.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kafka-batch-item-failures.html
 */
export function verdictOf(
  outcome: Outcome,
  batch: Batch,
  topic: string,
  reportBatchItemFailures: boolean,
): Verdict {
  if (!outcome.ok) return { left: batch, reason: `${outcome.error.errorType}: ${outcome.error.errorMessage}` }
  if (!reportBatchItemFailures) return DONE
  const failures = failuresOf(outcome.payload)
  if (failures === undefined) return { left: batch, reason: 'the answer has no list of batchItemFailures' }
  const lowest = new Map<number, bigint>()
  for (const failure of failures) {
    const place = placeOf(failure, topic)
    const records = place && batch.get(place.partition)
    if (!place || !records?.some(({ offset }) => offset === place.offset)) {
      return { left: batch, reason: `the answer names ${JSON.stringify(failure)}, which is not in the batch` }
    }
    const known = lowest.get(place.partition)
    if (known === undefined || place.offset < known) lowest.set(place.partition, place.offset)
  }
  if (lowest.size === 0) return DONE
  const left = new Map(
    [...lowest].map(([partition, from]) => [
      partition,
      (batch.get(partition) ?? []).filter(({ offset }) => offset >= from),
    ]),
  )
  return {
    left,
    reason: `the function reported ${[...lowest].map(([p, o]) => `${topic}-${p} from ${o}`).join(', ')}`,
  }
}

const DONE: Verdict = { left: new Map(), reason: undefined }

function failuresOf(payload: string): readonly unknown[] | undefined {
  const answer: unknown = JSON.parse(payload)
  if (answer === null || answer === '') return []
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures
  if (failures === undefined || failures === null) return []
  return Array.isArray(failures) ? failures : undefined
}

function placeOf(failure: unknown, topic: string): { partition: number; offset: bigint } | undefined {
  const identifier = (failure as { itemIdentifier?: { partition?: unknown; offset?: unknown } } | null)
    ?.itemIdentifier
  const { partition, offset } = identifier ?? {}
  if (typeof partition !== 'string' || !partition.startsWith(`${topic}-`)) return undefined
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset)) return undefined
  const number = partition.slice(topic.length + 1)
  return /^\d+$/.test(number) ? { partition: Number(number), offset: BigInt(offset) } : undefined
}
