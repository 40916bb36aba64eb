import { randomUUID } from 'node:crypto'
import { messageOf } from '../cloud-error.ts'
import { type ApiAnswer, ApiError, type ApiRequest, MAX_BODY_BYTES } from '../protocols/api.ts'
import type { LocalFunction } from './function.ts'

/** The limit of an asynchronous invocation's payload, in bytes; a synchronous one has that of all requests. */
const MAX_ASYNC_BYTES = 1024 * 1024

/** The limit of a client context, in bytes of Base64. */
const MAX_CLIENT_CONTEXT_BYTES = 3_583

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export async function invoke(target: LocalFunction, request: ApiRequest): Promise<ApiAnswer> {
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse'
  const payload = payloadOf(request, type === 'Event' ? MAX_ASYNC_BYTES : MAX_BODY_BYTES)
  const clientContext = clientContextOf(request)
  const requestId = randomUUID()
  const headers = { 'x-amzn-RequestId': requestId }
  if (type === 'DryRun') return { status: 204, headers }
  if (type === 'Event') {
    target.send(payload, requestId)
    return { status: 202, headers }
  }
  if (type !== 'RequestResponse') {
    throw new ApiError('InvalidParameterValueException', `There is no invocation type ${type}.`)
  }
  const { outcome, tail } =
    request.headers['x-amz-log-type'] === 'Tail'
      ? await target.invokeWithTail(payload, requestId, clientContext)
      : { outcome: await target.invoke(payload, requestId, clientContext), tail: undefined }
  if (!outcome.ok && outcome.throttled) {
    const details = { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' }
    throw new ApiError(outcome.error.errorType, outcome.error.errorMessage, { status: 429, details })
  }
  return {
    status: 200,
    headers: {
      ...headers,
      'content-type': 'application/json',
      'X-Amz-Executed-Version': '$LATEST',
      ...(tail && { 'X-Amz-Log-Result': tail.toString('base64') }),
      ...(!outcome.ok && { 'X-Amz-Function-Error': 'Unhandled' }),
    },
    body: outcome.ok ? outcome.payload : JSON.stringify(outcome.error),
  }
}

function payloadOf({ body }: ApiRequest, limit: number): string {
  if (body.length > limit) {
    const message = `Request must be smaller than ${limit} bytes`
    throw new ApiError('RequestTooLargeException', message, { status: 413 })
  }
  const payload = body.toString('utf8').trim() || '{}'
  try {
    JSON.parse(payload)
    return payload
  } catch (error) {
    throw new ApiError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${messageOf(error)}`,
    )
  }
}

/** The client context as JSON; undefined where there is none. */
function clientContextOf({ headers }: ApiRequest): string | undefined {
  const header = headers['x-amz-client-context']
  if (header === undefined) return undefined
  const json = Buffer.from(String(header), 'base64').toString('utf8')
  if (String(header).length <= MAX_CLIENT_CONTEXT_BYTES && isObject(json)) return json
  throw new ApiError(
    'InvalidRequestContentException',
    `Client context must be a valid Base64-encoded JSON object of at most ${MAX_CLIENT_CONTEXT_BYTES} bytes.`,
  )
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
