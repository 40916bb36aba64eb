import { randomUUID } from 'node:crypto'
import {
  type ApiAnswer,
  ApiError,
  type ApiRequest,
  type AwsService,
  apiErrorOf,
  type Operations,
  type QueryNames,
  queryErrorHeader,
  type Values,
} from './api.ts'

/** JSON with times in seconds since 1970, as AWS's JSON protocols have them; what is undefined is left out. */
export const toJson = (value: unknown): string => JSON.stringify(withTimes(value))

function withTimes(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1_000
  if (Array.isArray(value)) return value.map(withTimes)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withTimes(member)]))
}

/** @throws ApiError `SerializationException` for what is not a JSON object; nothing at all is an empty one */
export function fromJson(body: Buffer): Values {
  const text = body.toString('utf8').trim()
  if (text === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values
  } catch {
    // Said below.
  }
  throw new ApiError('SerializationException', 'The request body is not a JSON object.')
}

/**
 * A service of AWS's JSON protocols, whose requests name their operation in X-Amz-Target: `AmazonSQS.ListQueues`.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 * @param target what stands before the operation's name
 * @param queryNames of a service that had the query protocol before
 */
export function jsonService(
  version: '1.0' | '1.1',
  target: string,
  operations: Operations,
  queryNames?: QueryNames,
): AwsService {
  const answer = (
    status: number,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): ApiAnswer => ({
    status,
    headers: {
      'content-type': `application/x-amz-json-${version}`,
      'x-amzn-requestid': randomUUID(),
      ...headers,
    },
    body: toJson(body),
  })
  const perform = (name: string, request: ApiRequest) => {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
    if (!operation) throw unknownOperation(name, operations)
    return operation(fromJson(request.body))
  }
  return {
    speaks: ({ headers }) => String(headers['x-amz-target']).startsWith(`${target}.`),
    answer: async (request) => {
      try {
        const name = String(request.headers['x-amz-target'] ?? '').replace(`${target}.`, '')
        return answer(200, await perform(name, request))
      } catch (thrown) {
        const error = apiErrorOf(thrown)
        const { type, message, status, details } = error
        return answer(status, { __type: type, message, ...details }, queryErrorHeader(error, queryNames))
      }
    },
  }
}

export const unknownOperation = (name: string, operations: Operations): ApiError =>
  new ApiError(
    'UnknownOperationException',
    `The operation ${name || '(none)'} is not available here; there are ${Object.keys(operations).join(', ')}.`,
  )
