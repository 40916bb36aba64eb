import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { functionArn } from '../account.ts'
import { messageOf } from '../cloud-error.ts'
import type { CloudWatch } from '../cloudwatch/cloudwatch.ts'
import { answerCloudWatch } from '../cloudwatch/cloudwatch-api.ts'
import type { LocalFunction } from './function.ts'

/** The limits of an invocation's payload, in bytes: synchronous and asynchronous. */
const MAX_SYNC_BYTES = 6 * 1024 * 1024
const MAX_ASYNC_BYTES = 1024 * 1024

/** The limit of a client context, in bytes of Base64. */
const MAX_CLIENT_CONTEXT_BYTES = 3_583

const FUNCTIONS = '/2015-03-31/functions'

/**
 * Lambda's API for invoking and listing functions, so that `aws lambda invoke --endpoint-url` and every AWS SDK work
 * against it. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 * Where there is a CloudWatch, its alarms and dashboards are read at the same address, below /cloudwatch.
 */
export function createLambdaApi(functions: readonly LocalFunction[], cloudWatch?: CloudWatch): Server {
  return createServer((request, response) => {
    route(functions, cloudWatch, request, response).catch((error: unknown) => {
      refuse(response, 500, 'ServiceException', messageOf(error))
    })
  })
}

async function route(
  functions: readonly LocalFunction[],
  cloudWatch: CloudWatch | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const isRead = cloudWatch && /^\/cloudwatch(\/|$)/.test(url.pathname)
  await (isRead
    ? answerReader(cloudWatch, url, request, response)
    : answer(functions, url, request, response))
}

/** Pages of this machine may draw what they read here; those of others may not read it. */
const OWN_PAGE = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

async function answerReader(
  cloudWatch: CloudWatch,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin } = request.headers
  if (origin !== undefined && !OWN_PAGE.test(origin)) {
    return json(response, 403, { message: 'Only pages of this machine may read this.' })
  }
  if (origin !== undefined) response.setHeader('access-control-allow-origin', origin)
  if (request.method !== 'GET') {
    response.setHeader('allow', 'GET')
    return json(response, 405, {
      message: `${request.method} is not for ${url.pathname}; it is read with GET.`,
    })
  }
  const { status, body } = await answerCloudWatch(cloudWatch, url)
  json(response, status, body)
}

async function answer(
  functions: readonly LocalFunction[],
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.headers.origin !== undefined) {
    return refuse(response, 403, 'AccessDeniedException', 'Web pages may not invoke functions here.')
  }
  const path = url.pathname.replace(/\/$/, '')
  if (request.method === 'GET' && path === FUNCTIONS) {
    return json(response, 200, { Functions: functions.map(configurationOf), NextMarker: null })
  }
  const named = /^\/2015-03-31\/functions\/([^/]+)(\/invocations)?$/.exec(path)
  if (!named)
    return refuse(response, 404, 'UnknownOperationException', `There is no ${request.method} ${path} here.`)
  const name = nameOf(decodeURIComponent(named[1] ?? ''))
  const target = functions.find(({ resource }) => resource.name === name)
  if (!target) {
    const known = functions.map(({ resource }) => resource.name).join(', ')
    return refuse(
      response,
      404,
      'ResourceNotFoundException',
      `Function not found: ${name}. There are ${known}.`,
    )
  }
  if (request.method === 'GET' && !named[2])
    return json(response, 200, { Configuration: configurationOf(target) })
  if (request.method !== 'POST' || !named[2]) {
    return refuse(response, 405, 'MethodNotAllowedException', `${request.method} is not for ${path}.`)
  }
  await invoke(target, request, response)
}

async function invoke(
  target: LocalFunction,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse'
  const limit = type === 'Event' ? MAX_ASYNC_BYTES : MAX_SYNC_BYTES
  const body = await readBody(request, limit)
  if (body === undefined) {
    return refuse(response, 413, 'RequestTooLargeException', `Request must be smaller than ${limit} bytes`)
  }
  const payload = body.trim() || '{}'
  try {
    JSON.parse(payload)
  } catch (error) {
    return refuse(
      response,
      400,
      'InvalidRequestContentException',
      `Could not parse request body into json: ${messageOf(error)}`,
    )
  }
  const clientContext = clientContextOf(request)
  if (clientContext === null) {
    const message = `Client context must be a valid Base64-encoded JSON object of at most ${MAX_CLIENT_CONTEXT_BYTES} bytes.`
    return refuse(response, 400, 'InvalidRequestContentException', message)
  }
  const requestId = randomUUID()
  response.setHeader('x-amzn-RequestId', requestId)
  if (type === 'DryRun') return void response.writeHead(204).end()
  if (type === 'Event') {
    target.send(payload, requestId)
    return void response.writeHead(202).end()
  }
  if (type !== 'RequestResponse') {
    return refuse(response, 400, 'InvalidParameterValueException', `There is no invocation type ${type}.`)
  }
  const { outcome, tail } =
    request.headers['x-amz-log-type'] === 'Tail'
      ? await target.invokeWithTail(payload, requestId, clientContext)
      : { outcome: await target.invoke(payload, requestId, clientContext), tail: undefined }
  if (!outcome.ok && outcome.throttled) {
    const reason = 'ReservedFunctionConcurrentInvocationLimitExceeded'
    return refuse(response, 429, outcome.error.errorType, outcome.error.errorMessage, reason)
  }
  if (tail) response.setHeader('X-Amz-Log-Result', tail.toString('base64'))
  response.setHeader('X-Amz-Executed-Version', '$LATEST')
  response.setHeader('content-type', 'application/json')
  if (!outcome.ok) response.setHeader('X-Amz-Function-Error', 'Unhandled')
  response.writeHead(200).end(outcome.ok ? outcome.payload : JSON.stringify(outcome.error))
}

/** The client context as JSON; undefined where there is none, null where it cannot be read. */
function clientContextOf({ headers }: IncomingMessage): string | null | undefined {
  const header = headers['x-amz-client-context']
  if (header === undefined) return undefined
  if (typeof header !== 'string' || header.length > MAX_CLIENT_CONTEXT_BYTES) return null
  const json = Buffer.from(header, 'base64').toString('utf8')
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? json : null
  } catch {
    return null
  }
}

/** Reads the whole request; undefined where it is larger than `limit`. */
async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size <= limit) chunks.push(chunk as Buffer)
  }
  return size <= limit ? Buffer.concat(chunks).toString('utf8') : undefined
}

/** A function is named by its name or its ARN, with or without a version. */
const nameOf = (given: string): string => /:function:([^:]+)/.exec(given)?.[1] ?? given.split(':')[0] ?? given

const configurationOf = ({ resource }: LocalFunction) => ({
  FunctionName: resource.name,
  FunctionArn: functionArn(resource.name),
  Handler: resource.handler,
  Timeout: resource.timeoutSeconds,
  MemorySize: resource.memoryMb,
  Version: '$LATEST',
})

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** An error in the form of AWS's REST-JSON protocol. */
function refuse(
  response: ServerResponse,
  status: number,
  type: string,
  message: string,
  reason?: string,
): void {
  if (response.headersSent) return void response.end()
  response.setHeader('x-amzn-ErrorType', type)
  json(response, status, {
    Type: status < 500 ? 'User' : 'Service',
    message,
    Message: message,
    Reason: reason,
  })
}
