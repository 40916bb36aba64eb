import type { Destination } from './destination.ts'

/**
 * What a mapping does about records that fail. AWS takes any of it in provisioned mode only.
 * https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
 */
export interface ErrorControls {
  readonly bisectBatchOnFunctionError: boolean
  /** Not counting the first try; -1 is without end. */
  readonly maximumRetryAttempts: number
  /** -1 is without end. */
  readonly maximumRecordAgeSeconds: number
  readonly onFailure: Destination | undefined
}

/** What AWS does without any: a batch is retried until it succeeds. */
export const NO_ERROR_CONTROLS: ErrorControls = {
  bisectBatchOnFunctionError: false,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
  onFailure: undefined,
}

/** Retries without end are this many where there is a destination. */
const MOST_RETRIES_WITH_DESTINATION = 10

/** How often records are retried after their first try. */
export function mostRetries({ maximumRetryAttempts, onFailure }: ErrorControls): number {
  if (maximumRetryAttempts >= 0) return maximumRetryAttempts
  return onFailure ? MOST_RETRIES_WITH_DESTINATION : Number.POSITIVE_INFINITY
}
