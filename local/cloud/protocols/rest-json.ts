import { randomUUID } from 'node:crypto'
import { type ApiAnswer, ApiError, type ApiRequest, type AwsService, apiErrorOf } from './api.ts'
import { toJson } from './json.ts'

/** One operation of a REST API. */
export interface Route {
  readonly method: string
  /** `/schedules/{Name}`: what is in braces is given to the operation, decoded. */
  readonly path: string
  readonly answer: (
    labels: Readonly<Record<string, string>>,
    request: ApiRequest,
  ) => ApiAnswer | Promise<ApiAnswer>
}

/**
 * A service of AWS's REST-JSON protocol.
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export function restJsonService(routes: readonly Route[]): AwsService {
  const matchers = routes.map((route) => ({ route, matches: matcherOf(route.path) }))
  const found = ({ path }: ApiRequest) =>
    matchers.flatMap(({ route, matches }) => {
      const labels = matches(path)
      return labels ? [{ route, labels }] : []
    })
  const perform = (request: ApiRequest) => {
    const candidates = found(request)
    const one = candidates.find(({ route }) => route.method === request.method)
    if (one) return one.route.answer(one.labels, request)
    const { method, path } = request
    if (candidates.length > 0) {
      throw new ApiError('MethodNotAllowedException', `${method} is not for ${path}.`, { status: 405 })
    }
    const known = routes.map((route) => `${route.method} ${route.path}`).join(', ')
    throw new ApiError(
      'UnknownOperationException',
      `There is no ${method} ${path || '/'} here; there are ${known}.`,
      { status: 404 },
    )
  }
  return {
    speaks: (request) => found(request).length > 0,
    answer: async (request) => {
      try {
        return await perform(request)
      } catch (thrown) {
        return restJsonError(apiErrorOf(thrown))
      }
    },
  }
}

export const restJsonAnswer = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-RequestId': randomUUID(), ...headers },
  body: toJson(body),
})

export function restJsonError({ type, message, status, details }: ApiError): ApiAnswer {
  const Type = status < 500 ? 'User' : 'Service'
  return restJsonAnswer(status, { Type, message, Message: message, ...details }, { 'x-amzn-ErrorType': type })
}

/** Gives the labels of a path that fits; undefined for any other. */
function matcherOf(template: string): (path: string) => Record<string, string> | undefined {
  const parts = template.split('/')
  return (path) => {
    const given = path.split('/')
    if (given.length !== parts.length) return undefined
    const labels: Record<string, string> = {}
    for (const [index, part] of parts.entries()) {
      const label = /^\{(.+)\}$/.exec(part)?.[1]
      const text = given[index] ?? ''
      if (label === undefined && text !== part) return undefined
      if (label !== undefined) labels[label] = decoded(text)
    }
    return labels
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ApiError('InvalidRequestException', `${text} is not a URL-encoded name.`)
  }
}
