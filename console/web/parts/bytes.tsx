import type { ActionOutput } from '../../server/actions.ts'

export type Bytes = ActionOutput<'messages.read'>['rows'][number]['value']
export type BytesFormat = 'pretty' | 'raw' | 'hex'

const bufferOf = (bytes: NonNullable<Bytes>): Uint8Array =>
  'text' in bytes
    ? new TextEncoder().encode(bytes.text)
    : Uint8Array.from(atob(bytes.base64), (character) => character.charCodeAt(0))

/** Bytes on one line. Null is not the same as empty. */
export function lineOf(bytes: Bytes): string {
  if (bytes === null) return 'null'
  if ('text' in bytes) return bytes.text === '' ? '""' : bytes.text
  return `0x${Array.from(bufferOf(bytes).slice(0, 64), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** Bytes as they were sent, as JSON with indents, or as hex with text beside. */
export function textOf(bytes: Bytes, format: BytesFormat): string {
  if (bytes === null) return 'null'
  if (format === 'hex' || !('text' in bytes)) return hexOf(bufferOf(bytes))
  if (format === 'raw') return bytes.text
  try {
    return JSON.stringify(JSON.parse(bytes.text), null, 2)
  } catch {
    return bytes.text
  }
}

const COLUMNS = 16

function hexOf(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let start = 0; start < bytes.length; start += COLUMNS) {
    const part = Array.from(bytes.slice(start, start + COLUMNS))
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${start.toString(16).padStart(8, '0')}  ${hex.padEnd(COLUMNS * 3)} ${text}`)
  }
  return lines.join('\n')
}
