import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Content types whose bodies reach a function as text; all others, forms among them, come as Base64. */
const IS_TEXT = /^(text\/.*|application\/(json|javascript|xml|.*\+(json|xml)))(;|$)/i

/**
 * A request as a function gets it from its address, in payload format 2.0:
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export function urlEvent(request: IncomingMessage, body: Buffer, nowMs: number = Date.now()): object {
  const { method = 'GET', url = '/', headers: raw, httpVersion, socket } = request
  const [rawPath = '/', ...query] = url.split('?')
  const rawQueryString = query.join('?')
  const { cookie, ...headers } = joined(raw)
  const domainName = headers.host ?? ''
  const parameters = joinedQuery(new URLSearchParams(rawQueryString))
  const isText = IS_TEXT.test(headers['content-type'] ?? '')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; */) }),
    headers,
    ...(rawQueryString === '' ? {} : { queryStringParameters: parameters }),
    requestContext: {
      accountId: 'anonymous',
      apiId: domainName.split(/[.:]/)[0],
      domainName,
      domainPrefix: domainName.split(/[.:]/)[0],
      http: {
        method,
        path: rawPath,
        protocol: `HTTP/${httpVersion}`,
        sourceIp: socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date(nowMs).toISOString(),
      timeEpoch: nowMs,
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

/** Several values of one header or parameter are joined by commas. */
const joined = (headers: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
    ),
  )

const joinedQuery = (parameters: URLSearchParams): Record<string, string> =>
  Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]))
