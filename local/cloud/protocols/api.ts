import type { IncomingHttpHeaders } from 'node:http'
import { own } from '../own.ts'

/** A request of one of AWS's APIs, read whole up to `MAX_BODY_BYTES`. */
export interface ApiRequest {
  readonly method: string
  /** Without a slash at its end. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** Longer than `MAX_BODY_BYTES` where the rest was left unread. */
  readonly body: Buffer
}

export interface ApiAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** One of AWS's services, as requests reach it. */
export interface AwsService {
  /** Whether an unsigned request is meant for this service. */
  speaks(request: ApiRequest): boolean
  /** Errors are answered in the form of the service's protocol. */
  answer(request: ApiRequest): Promise<ApiAnswer>
}

/** By name: takes the input and gives the output. Dates are times in whatever form the protocol has. */
export type Operations = Readonly<Record<string, (input: Values) => object | Promise<object>>>

export type Values = Readonly<Record<string, unknown>>

/** The largest payload that any of the services takes (Lambda's). */
export const MAX_BODY_BYTES = 6 * 1024 * 1024

/** What a service refuses, by AWS's name for it. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly type: string
  readonly status: number
  /** Members of the error besides its message. */
  readonly details: Values

  constructor(
    type: string,
    message: string,
    more: { readonly status?: number; readonly details?: Values } = {},
  ) {
    super(message)
    this.type = type
    this.status = more.status ?? 400
    this.details = more.details ?? {}
  }
}

/** What is thrown without a name of AWS's is a fault of ours. */
export const apiErrorOf = (error: unknown): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError('InternalFailure', error instanceof Error ? error.message : String(error), { status: 500 })

/** What errors are called in the older query protocol of a service that has left it, where that is another name. */
export type QueryNames = Readonly<Record<string, string>>

/**
 * Clients of such a service go by the older names.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
 */
export const queryErrorHeader = (
  { type, status }: ApiError,
  names: QueryNames | undefined,
): Readonly<Record<string, string>> =>
  names ? { 'x-amzn-query-error': `${own(names, type) ?? type};${status < 500 ? 'Sender' : 'Receiver'}` } : {}
