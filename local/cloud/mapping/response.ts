import type { Outcome } from '../execution-environment.ts'
import type { Batch } from './batch.ts'
import type { BufferedRecord } from './record.ts'

/** What an invocation says of its batch. */
export interface Verdict {
  /** The records to deliver again: the end of the batch from one offset on; empty where all are done. */
  readonly left: readonly BufferedRecord[]
  /** Why any are left. */
  readonly reason: string
}

/**
 * Reads a function's answer. An error leaves the whole batch. With ReportBatchItemFailures the partition goes on at the
 * lowest offset that is reported; an answer or identifier that is malformed or not in the batch leaves the whole batch;
 * null, an empty object or list is success.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kafka-batch-item-failures.html
 */
export function verdictOf(outcome: Outcome, batch: Batch, reportBatchItemFailures: boolean): Verdict {
  const { records } = batch
  if (!outcome.ok) {
    return { left: records, reason: `${outcome.error.errorType}: ${outcome.error.errorMessage}` }
  }
  if (!reportBatchItemFailures) return DONE
  const failures = failuresOf(JSON.parse(outcome.payload))
  if (!failures) return { left: records, reason: 'the answer has no list of batchItemFailures' }
  const indexes = new Map(records.map(({ offset }, index) => [Number(offset), index]))
  let first = records.length
  for (const failure of failures) {
    const index = indexes.get(offsetOf(failure, batch) ?? Number.NaN)
    if (index === undefined) {
      return {
        left: records,
        reason: `the answer names ${JSON.stringify(failure)}, which is not in the batch`,
      }
    }
    first = Math.min(first, index)
  }
  const left = records.slice(first)
  return left[0] ? { left, reason: `the function reported offset ${left[0].offset}` } : DONE
}

const DONE: Verdict = { left: [], reason: 'nothing is left' }

/** Undefined where the answer is none that Lambda reads. */
function failuresOf(answer: unknown): readonly unknown[] | undefined {
  if (answer === null || answer === '') return []
  if (typeof answer !== 'object') return undefined
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures ?? []
  return Array.isArray(failures) ? failures : undefined
}

function offsetOf(failure: unknown, { topic, partition }: Batch): number | undefined {
  const { itemIdentifier } = (failure ?? {}) as { itemIdentifier?: { partition?: unknown; offset?: unknown } }
  if (itemIdentifier?.partition !== `${topic}-${partition}`) return undefined
  return typeof itemIdentifier.offset === 'number' ? itemIdentifier.offset : undefined
}
