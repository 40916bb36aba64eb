import { randomUUID } from 'node:crypto'
import { cbor, dateToTag } from '@smithy/core/cbor'
import {
  type ApiAnswer,
  ApiError,
  type AwsService,
  apiErrorOf,
  type Operations,
  type QueryNames,
  queryErrorHeader,
  type Values,
} from './api.ts'
import { unknownOperation } from './json.ts'

const PROTOCOL = 'rpc-v2-cbor'

/**
 * A service of Smithy's RPC v2 protocol, whose requests name their operation in the path.
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
export function cborService(service: string, operations: Operations, queryNames?: QueryNames): AwsService {
  const perform = (path: string, body: Buffer) => {
    const name = path.replace(`/service/${service}/operation/`, '')
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
    if (!operation) throw unknownOperation(name, operations)
    return operation(valuesOf(body))
  }
  return {
    speaks: (request) => isCbor(request) && request.path.startsWith(`/service/${service}/`),
    answer: async ({ path, body }) => {
      try {
        return cborAnswer(200, await perform(path, body))
      } catch (thrown) {
        const error = apiErrorOf(thrown)
        return cborError(error, queryErrorHeader(error, queryNames))
      }
    },
  }
}

export const isCbor = ({ headers }: Parameters<AwsService['speaks']>[0]): boolean =>
  headers['smithy-protocol'] === PROTOCOL

export const cborError = (
  { type, message, status, details }: ApiError,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer => cborAnswer(status, { __type: type, message, ...details }, headers)

const cborAnswer = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer => ({
  status,
  headers: {
    'content-type': 'application/cbor',
    'smithy-protocol': PROTOCOL,
    'x-amzn-requestid': randomUUID(),
    ...headers,
  },
  // The codec hands out a part of a buffer that it writes to again.
  body: Buffer.from(cbor.serialize(withTimes(body))),
})

function valuesOf(body: Buffer): Values {
  if (body.length === 0) return {}
  try {
    const value: unknown = cbor.deserialize(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values
  } catch {
    // Said below.
  }
  throw new ApiError('SerializationException', 'The request body is not a CBOR map.')
}

/** The codec writes null for what is undefined, which no member of an output may be. */
function withTimes(value: unknown): unknown {
  if (value instanceof Date) return dateToTag(value)
  if (Array.isArray(value)) return value.map(withTimes)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      member === undefined ? [] : [[name, withTimes(member)]],
    ),
  )
}
