import type { Outcome } from '../lambda/execution-environment.ts'
import type { Batch, Slice } from './batch.ts'

/** What an invocation says of its batch. */
export interface Verdict {
  /** Slices to deliver again, each the end of a slice of the batch from one offset on; empty where all is done. */
  readonly left: readonly Slice[]
  /** Why any are left. */
  readonly reason: string
  /** Whether the function was not invoked at all, because it may not run more often at once. */
  readonly throttled?: boolean
}

/**
 * Reads a function's answer. An error leaves the whole batch. With ReportBatchItemFailures a partition goes on at the
 * lowest offset that is reported of it; an answer or identifier that is malformed or not in the batch leaves the whole
 * batch; null, an empty object or list is success.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kafka-batch-item-failures.html
 */
export function verdictOf(outcome: Outcome, batch: Batch, reportBatchItemFailures: boolean): Verdict {
  const { topic, slices } = batch
  if (!outcome.ok) {
    const reason = `${outcome.error.errorType}: ${outcome.error.errorMessage}`
    return { left: slices, reason, throttled: outcome.throttled !== undefined }
  }
  if (!reportBatchItemFailures) return DONE
  const failures = failuresOf(JSON.parse(outcome.payload))
  if (!failures) return { left: slices, reason: 'the answer has no list of batchItemFailures' }
  if (failures.length === 0) return DONE
  const indexes = new Map(
    slices.map(({ partition, records }) => [
      `${topic}-${partition}`,
      new Map(records.map(({ offset }, index) => [Number(offset), index])),
    ]),
  )
  const firsts = new Map<string, number>()
  for (const failure of failures) {
    const { partition, offset } = identifierOf(failure)
    const index = indexes.get(partition)?.get(offset)
    if (index === undefined) {
      return {
        left: slices,
        reason: `the answer names ${JSON.stringify(failure)}, which is not in the batch`,
      }
    }
    firsts.set(partition, Math.min(firsts.get(partition) ?? index, index))
  }
  const left = slices.flatMap(({ partition, records }) => {
    const first = firsts.get(`${topic}-${partition}`)
    return first === undefined ? [] : [{ partition, records: records.slice(first) }]
  })
  const offsets = left.map(({ partition, records }) =>
    slices.length === 1 ? `${records[0]?.offset}` : `${records[0]?.offset} of partition ${partition}`,
  )
  return { left, reason: `the function reported offset ${offsets.join(', ')}` }
}

const DONE: Verdict = { left: [], reason: 'nothing is left' }

/** Undefined where the answer is none that Lambda reads. */
function failuresOf(answer: unknown): readonly unknown[] | undefined {
  if (answer === null || answer === '') return []
  if (typeof answer !== 'object') return undefined
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures ?? []
  return Array.isArray(failures) ? failures : undefined
}

/** What no record has, where the failure names none. */
function identifierOf(failure: unknown): { readonly partition: string; readonly offset: number } {
  const { itemIdentifier } = (failure ?? {}) as { itemIdentifier?: { partition?: unknown; offset?: unknown } }
  const { partition, offset } = itemIdentifier ?? {}
  return {
    partition: typeof partition === 'string' ? partition : '',
    offset: typeof offset === 'number' ? offset : Number.NaN,
  }
}
