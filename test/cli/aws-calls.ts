import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A call of AWS: the IAM action, and for an invocation the function. */
export interface AwsCall {
  readonly action: string
  readonly on?: string
}

/** Stands before an AWS and notes what it is asked. */
export interface AwsCalls {
  readonly url: string
  /** What was asked since the last time. */
  take(): AwsCall[]
  close(): Promise<void>
}

export async function awsCalls(url: string): Promise<AwsCalls> {
  let calls: AwsCall[] = []
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const call = callOf(incoming, body.toString('latin1'))
    calls.push(call)
    const { method, url: path = '/' } = incoming
    const to = new URL(path, url)
    const headers = { ...incoming.headers, host: to.host }
    const forwarded = request(to, { method, headers }, async (answer) => {
      const { 'content-length': _, ...kept } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 500, kept)
      if (call.action !== 'sqs:GetQueueUrl') return answer.pipe(outgoing)
      // Clients send a queue's messages to its own address.
      let text = ''
      for await (const chunk of answer) text += chunk
      return outgoing.end(text.replace(to.host, String(incoming.headers.host)))
    })
    forwarded.end(body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const taken = calls
      calls = []
      return taken
    },
    close: async () => {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

/** As signatures call the service that IAM calls otherwise. */
const SERVICES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' }

/** What of Lambda and of the scheduler is named by method and path. */
const ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^POST .*\/functions\/([^/]+)\/invocations/, 'InvokeFunction'],
  [/^GET .*\/functions\/[^/]+\/configuration/, 'GetFunctionConfiguration'],
  [/^GET .*\/event-source-mappings\/[^/?]+/, 'GetEventSourceMapping'],
  [/^GET .*\/event-source-mappings/, 'ListEventSourceMappings'],
  [/^PUT .*\/event-source-mappings\//, 'UpdateEventSourceMapping'],
  [/^GET \/schedules\//, 'GetSchedule'],
  [/^PUT \/schedules\//, 'UpdateSchedule'],
]

function callOf({ method, url = '', headers }: IncomingMessage, body: string): AwsCall {
  const [, signed = ''] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? []
  const service = SERVICES[signed] ?? signed
  const target = /\.(\w+)$/.exec(String(headers['x-amz-target'] ?? ''))?.[1]
  const named = target ?? /\/operation\/(\w+)$/.exec(url)?.[1] ?? /(?:^|&)Action=(\w+)/.exec(body)?.[1]
  if (named !== undefined) return { action: `${service}:${named}` }
  for (const [pattern, action] of ROUTES) {
    const found = pattern.exec(`${method} ${url}`)
    if (found)
      return { action: `${service}:${action}`, ...(found[1] && { on: decodeURIComponent(found[1]) }) }
  }
  return { action: `${service}:unknown ${method} ${url}` }
}
