/** Bytes as the operator gives them: null is not the same as empty. */
export type Bytes = { readonly text: string } | { readonly base64: string } | null

export const bufferOf = (bytes: NonNullable<Bytes>): Buffer =>
  'text' in bytes ? Buffer.from(bytes.text) : Buffer.from(bytes.base64, 'base64')

const A_LINE = 16

/** As `hexdump -C` shows them: offset, sixteen bytes, and those of them that are ASCII. */
export function hexdump(bytes: Buffer): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += A_LINE) {
    const part = bytes.subarray(at, at + A_LINE)
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0'))
    const ascii = [...part]
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('')
    const halves = [hex.slice(0, 8).join(' '), hex.slice(8).join(' ')].join('  ')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${halves.padEnd(48)}  |${ascii}|`)
  }
  return lines.join('\n')
}
