import { randomUUID } from 'node:crypto'
import { type ApiAnswer, ApiError, type AwsService, apiErrorOf, type Operations, type Values } from './api.ts'

/**
 * A service of AWS's query protocol: forms in, XML out.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 * @param version as requests name it, by which an unsigned one is known
 */
export function queryService(namespace: string, version: string, operations: Operations): AwsService {
  const perform = (input: Values) => {
    const name = String(input.Action ?? '')
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
    if (operation) return operation(input)
    const known = Object.keys(operations).join(', ')
    throw new ApiError(
      'InvalidAction',
      `Could not find operation ${name} for version ${version}; there are ${known}.`,
    )
  }
  return {
    speaks: ({ query, body }) => formOf(query, body).Version === version,
    answer: async ({ query, body }) => {
      const input = formOf(query, body)
      try {
        const output = await perform(input)
        const name = String(input.Action)
        const metadata = element('ResponseMetadata', { RequestId: randomUUID() })
        const result = element(`${name}Result`, output)
        return xml(200, `<${name}Response xmlns="${namespace}">${result}${metadata}</${name}Response>`)
      } catch (thrown) {
        return queryError(apiErrorOf(thrown), namespace)
      }
    },
  }
}

export const isForm = ({ headers }: Parameters<AwsService['speaks']>[0]): boolean =>
  String(headers['content-type']).startsWith('application/x-www-form-urlencoded')

export function queryError({ type, message, status }: ApiError, namespace: string): ApiAnswer {
  const error = element('Error', { Type: status < 500 ? 'Sender' : 'Receiver', Code: type, Message: message })
  const request = element('RequestId', randomUUID())
  return xml(status, `<ErrorResponse xmlns="${namespace}">${error}${request}</ErrorResponse>`)
}

const formOf = (query: URLSearchParams, body: Buffer): Values =>
  Object.fromEntries([...query, ...new URLSearchParams(body.toString('utf8'))])

const xml = (status: number, text: string): ApiAnswer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${text}`,
})

/** A list's items are called `member`; what is undefined is left out. */
function element(name: string, value: unknown): string {
  return value === undefined ? '' : `<${name}>${content(value)}</${name}>`
}

function content(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((item) => element('member', item)).join('')
  if (typeof value !== 'object' || value === null) return escaped(String(value))
  return Object.entries(value)
    .map(([name, member]) => element(name, member))
    .join('')
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '')
