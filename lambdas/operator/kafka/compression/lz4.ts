const MAGIC = 0x184d2204
const CONTENT_SIZE = 0x08
const BLOCK_CHECKSUM = 0x10
const CONTENT_CHECKSUM = 0x04
const DICTIONARY = 0x01
const STORED = 0x80000000

/** Bytes that grow, of which a later block may repeat earlier ones. */
interface Output {
  buffer: Buffer
  end: number
  readonly maxBytes: number
}

/**
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md; checksums are left to Kafka's own over the whole batch.
 * @throws Error where the bytes are no frames of LZ4, or are more than `maxBytes`
 */
export function unlz4(input: Buffer, maxBytes: number): Buffer {
  const output: Output = {
    buffer: Buffer.allocUnsafeSlow(Math.max(input.length * 4, 1_024)),
    end: 0,
    maxBytes,
  }
  for (let at = 0; at < input.length; ) at = readFrame(input, at, output)
  return output.buffer.subarray(0, output.end)
}

function readFrame(input: Buffer, start: number, output: Output): number {
  if (start + 7 > input.length || input.readUInt32LE(start) !== MAGIC)
    throw new Error('it is not an LZ4 frame')
  const flags = input[start + 4] ?? 0
  if (flags & DICTIONARY) throw new Error('its LZ4 frame needs a dictionary')
  let at = start + 6 + (flags & CONTENT_SIZE ? 8 : 0) + 1
  for (;;) {
    if (at + 4 > input.length) throw new Error('its LZ4 frame is cut off')
    const size = input.readUInt32LE(at)
    at += 4
    if (size === 0) return at + (flags & CONTENT_CHECKSUM ? 4 : 0)
    const length = size & ~STORED
    if (at + length > input.length) throw new Error('its LZ4 frame is cut off')
    const block = input.subarray(at, at + length)
    if (size >= STORED) append(output, block)
    else readBlock(block, output)
    at += length + (flags & BLOCK_CHECKSUM ? 4 : 0)
  }
}

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
function readBlock(input: Buffer, output: Output): void {
  let at = 0
  const next = (): number => {
    const byte = input[at]
    if (byte === undefined) throw new Error('its LZ4 block is cut off')
    at += 1
    return byte
  }
  const lengthFrom = (start: number): number => {
    let length = start
    if (start === 15) for (let byte = 255; byte === 255; length += byte) byte = next()
    return length
  }
  while (at < input.length) {
    const token = next()
    const literals = lengthFrom(token >>> 4)
    if (at + literals > input.length) throw new Error('its LZ4 block is cut off')
    append(output, input.subarray(at, at + literals))
    at += literals
    // The last sequence has literals alone.
    if (at === input.length) return
    const back = next() | (next() << 8)
    repeat(output, back, 4 + lengthFrom(token & 15))
  }
}

function append(output: Output, bytes: Buffer): void {
  makeRoom(output, bytes.length)
  bytes.copy(output.buffer, output.end)
  output.end += bytes.length
}

function repeat(output: Output, back: number, length: number): void {
  if (back === 0 || back > output.end) throw new Error('its LZ4 block refers to nothing')
  makeRoom(output, length)
  const { buffer, end } = output
  if (back >= length) buffer.copyWithin(end, end - back, end - back + length)
  else for (let index = 0; index < length; index += 1) buffer[end + index] = buffer[end + index - back] ?? 0
  output.end += length
}

function makeRoom(output: Output, length: number): void {
  const wanted = output.end + length
  if (wanted > output.maxBytes) throw new Error(`LZ4 data of more than ${output.maxBytes} bytes is too large`)
  if (wanted <= output.buffer.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(wanted, output.buffer.length * 2))
  output.buffer.copy(larger, 0, 0, output.end)
  output.buffer = larger
}
