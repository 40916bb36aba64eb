import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { namesThisMachine } from '../local-host.ts'
import { MAX_BODY_BYTES } from '../protocols/api.ts'
import type { Outcome } from './execution-environment.ts'
import type { LocalFunction } from './function.ts'
import { urlEvent } from './url-event.ts'

/** A function's address, on this machine only. */
export interface FunctionUrl {
  readonly functionName: string
  /** Ends with a slash, as AWS's do. */
  readonly url: string
  close(): void
}

/** Answers at a port of this machine with what the function answers. */
export async function openFunctionUrl(target: LocalFunction, port: number): Promise<FunctionUrl> {
  const server: Server = createServer((request, response) => {
    answer(target, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  return {
    functionName: target.resource.name,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(
  target: LocalFunction,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!namesThisMachine(request)) return refuse(response, 403, 'Forbidden')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (bytes > MAX_BODY_BYTES) return refuse(response, 413, 'Request Entity Too Large')
  const outcome = await target.invoke(JSON.stringify(urlEvent(request, Buffer.concat(chunks))))
  if (!outcome.ok && outcome.throttled) return refuse(response, 429, 'Too Many Requests')
  if (!outcome.ok) return refuse(response, 502, 'Internal Server Error')
  send(response, outcome)
}

/** What a function may answer; anything without a status is a body of its own. */
interface Answer {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string | number | boolean>>
  readonly cookies?: readonly string[]
  readonly body?: string
  readonly isBase64Encoded?: boolean
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload */
function send(response: ServerResponse, { payload }: Extract<Outcome, { ok: true }>): void {
  const value: unknown = JSON.parse(payload)
  const {
    statusCode,
    headers = {},
    cookies = [],
    body = '',
    isBase64Encoded,
  } = hasStatus(value) ? value : { statusCode: 200, body: typeof value === 'string' ? value : payload }
  response.statusCode = statusCode
  response.setHeader('content-type', 'application/json')
  for (const [name, text] of Object.entries(headers)) response.setHeader(name, String(text))
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  response.end(isBase64Encoded ? Buffer.from(body, 'base64') : body)
}

const hasStatus = (value: unknown): value is Answer =>
  typeof (value as Partial<Answer> | null)?.statusCode === 'number'

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ Message: message }))
}
