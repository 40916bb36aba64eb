import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type ApiAnswer,
  ApiError,
  type ApiRequest,
  type AwsService,
  apiErrorOf,
  MAX_BODY_BYTES,
} from './protocols/api.ts'
import { cborError, isCbor } from './protocols/cbor.ts'
import { isForm, queryError } from './protocols/query.ts'
import { restJsonError } from './protocols/rest-json.ts'

/** By the names that signatures have of services; several protocols of one are tried in their order. */
export type AwsServices = Readonly<Record<string, readonly AwsService[]>>

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html: KEY/DATE/REGION/SERVICE/aws4_request */
const SCOPE = /Credential=[^/]*\/[^/]*\/[^/]*\/([^/]+)\/aws4_request/

/**
 * Every AWS API that is spoken here, at one address. A signed request goes to the service that its signature names,
 * whatever the credentials are; an unsigned one to the service whose path or operation it has.
 */
export function createAwsApi(services: AwsServices): Server {
  const server: Server = createServer((request, response) => {
    answer(services, request, (server.address() as AddressInfo | null)?.port ?? 0)
      .catch((error: unknown) => restJsonError(apiErrorOf(error)))
      .then((answered) => send(response, answered))
      .catch(() => response.destroy())
  })
  return server
}

async function answer(services: AwsServices, incoming: IncomingMessage, port: number): Promise<ApiAnswer> {
  const { pathname, searchParams: query } = new URL(incoming.url ?? '/', 'http://localhost')
  const { method = 'GET', headers } = incoming
  const refusal = refusalOf(incoming, port)
  // Read all the same: a connection that is closed before has no answer.
  const body = await readBody(incoming)
  const request: ApiRequest = { method, path: pathname.replace(/\/+$/, ''), query, headers, body }
  if (refusal) return refused(request, refusal)
  const name = SCOPE.exec(headers.authorization ?? '')?.[1]
  const candidates = name === undefined ? Object.values(services).flat() : services[name]
  const service = candidates?.find((each) => each.speaks(request)) ?? (name && candidates?.[0])
  if (service) return service.answer(request)
  const known = Object.keys(services).join(', ')
  const what = name === undefined ? `${method} ${pathname}` : `service ${name}`
  return refused(
    request,
    new ApiError(
      isForm(request) ? 'InvalidAction' : 'UnknownOperationException',
      `There is no ${what} here; there are ${known}.`,
      {
        status: 404,
      },
    ),
  )
}

/** A page in a browser reaches this machine too: by its own origin, or by a name that it has made point here. */
function refusalOf({ headers }: IncomingMessage, port: number): ApiError | undefined {
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `${host}:${port}`)
  if (!hosts.includes(headers.host ?? '')) {
    const message = `Host is ${headers.host ?? 'missing'}; only ${hosts.join(', ')} are answered.`
    return new ApiError('AccessDeniedException', message, { status: 403 })
  }
  if (headers.origin === undefined) return undefined
  return new ApiError('AccessDeniedException', 'Web pages may not call AWS APIs here.', { status: 403 })
}

/** In the form of the protocol in which it was asked. */
function refused(request: ApiRequest, error: ApiError): ApiAnswer {
  if (isCbor(request)) return cborError(error)
  return isForm(request) ? queryError(error, 'http://localhost/') : restJsonError(error)
}

/** The body; of one that is too large, more than the limit, and not all of it. */
async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    if (size <= MAX_BODY_BYTES) chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
  }
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, { status, headers = {}, body }: ApiAnswer): void {
  response.writeHead(status, headers).end(body)
}
