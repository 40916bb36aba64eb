import type { Context } from 'aws-lambda'
import type { Pool } from 'pg'
import type { ConsumeDependencies } from './consuming/invocation.ts'
import { oneOf, optional } from './environment.ts'
import * as ENVIRONMENT from './environment-names.ts'
import type { Logger } from './logger.ts'
import { emitMetrics } from './metrics.ts'
import { createPool } from './postgres/pool.ts'

/**
 * The composition root: the clients of one execution environment, created on first use and kept while the
 * environment lives. Nothing connects at import time.
 */
let pool: Pool | undefined

/** The pool of a consumer, whose transactions have deadlines of their own. */
function consumerPool(): Pool {
  pool ??= createPool(process.env)
  return pool
}

/**
 * A producer's queries read a page or change a row and take far less. Without a limit, a connection that died silently
 * would block a run until the function times out.
 */
const PRODUCER_QUERY_TIMEOUT_MS = 60_000

/** The pool of a producer. */
export function producerPool(): Pool {
  pool ??= createPool(process.env, { queryTimeoutMs: PRODUCER_QUERY_TIMEOUT_MS })
  return pool
}

/** Reserved from the function's timeout, so that the response is sent before Lambda ends the process. */
const ANSWER_MARGIN_MS = 2_000

/** Milliseconds since 1970 by which the function must be done. */
export const deadlineOf = (context: Context): number =>
  Date.now() + context.getRemainingTimeInMillis() - ANSWER_MARGIN_MS

/** The function's name in the CDK app: the dimension of its metrics. */
export const functionNameOf = (context: Context): string =>
  optional(process.env, ENVIRONMENT.functionName, context.functionName)

/** What a consumer's handler works with. */
export function consumeDependencies(log: Logger, context: Context): ConsumeDependencies {
  const partial = oneOf(process.env, ENVIRONMENT.partialBatchResponse, ['false', 'true'])
  return {
    pool: consumerPool(),
    log,
    emitMetrics: (values) => emitMetrics(functionNameOf(context), values),
    deadlineMs: deadlineOf(context),
    onFailure: partial === 'true' ? 'report-partitions' : 'throw',
  }
}
