import { type Bytes, lineOf } from './bytes.tsx'

interface Message {
  readonly partition: number
  readonly offset: string
  readonly timestamp: number
  readonly key: Bytes
  readonly value: Bytes
  readonly headers: readonly { readonly name: string; readonly value: Bytes }[]
}

const COLUMNS = ['partition', 'offset', 'time', 'key', 'value', 'headers']

/** Messages as RFC 4180 has it: https://www.rfc-editor.org/rfc/rfc4180 */
export const csvOf = (messages: readonly Message[]): string =>
  [
    COLUMNS,
    ...messages.map(({ partition, offset, timestamp, key, value, headers }) => [
      String(partition),
      offset,
      new Date(timestamp).toISOString(),
      lineOf(key),
      lineOf(value),
      headers.map((header) => `${header.name}: ${lineOf(header.value)}`).join('\n'),
    ]),
  ]
    .map((fields) => `${fields.map(quoted).join(',')}\r\n`)
    .join('')

/** What begins like a formula would run as one in a spreadsheet: https://owasp.org/www-community/attacks/CSV_Injection */
const quoted = (field: string): string =>
  `"${(/^[=+\-@\t\r]/.test(field) ? `'${field}` : field).replaceAll('"', '""')}"`
