import type { Admin, Kafka } from 'kafkajs'
import type { Pool } from 'pg'
import type { GenericSchema, InferOutput } from 'valibot'
import type { Logger } from '../core/logger.ts'
import type { OpenSearch } from '../core/search/open-search.ts'

/** What operations work with. Nothing is connected until it is used. */
export interface OperatorDependencies {
  readonly pool: () => Pool
  readonly kafka: Kafka
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string
  /** A connected admin client, kept while the execution environment is warm. */
  readonly admin: () => Promise<Admin>
  /** Undefined where search is off. */
  readonly openSearch?: OpenSearch | undefined
  readonly log: Logger
  /** Milliseconds since 1970 by which an answer must be sent. */
  readonly deadlineMs: number
}

/** One everyday operation: what it takes, what it gives, and what it may do. */
export interface Operation<Input extends GenericSchema = GenericSchema, Output = unknown> {
  /** `read` operations run in both functions, `change` operations in `operator` alone. */
  readonly access: 'read' | 'change'
  /** One sentence, for people. */
  readonly does: string
  readonly input: Input
  run(input: InferOutput<Input>, dependencies: OperatorDependencies): Promise<Output>
}

/** Keeps the types of an operation's input and output, which clients import. */
export const operation = <Input extends GenericSchema, Output>(
  definition: Operation<Input, Output>,
): Operation<Input, Output> => definition

/**
 * Part of a long answer. An answer holds at most {@link PAGE_BYTES}, as Lambda's response takes 6 MB; the caller asks
 * again with `next` until it is null.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export interface Page<Row, Next> {
  readonly rows: readonly Row[]
  readonly next: Next | null
}

/** How many bytes of JSON a page may hold. */
export const PAGE_BYTES = 4_000_000

/** What a client sends. */
export interface OperatorRequest {
  readonly operation: string
  readonly input?: unknown
  /**
   * The caller's ARN as the client states it, for the log. It is no proof: CloudTrail's record of the Invoke call, which
   * has the same request id, is.
   */
  readonly caller?: string
}

/** What a client receives: the operation's output, or why there is none. */
export type OperatorResponse<Output = unknown> =
  | { readonly output: Output }
  | { readonly error: { readonly code: string; readonly message: string } }
