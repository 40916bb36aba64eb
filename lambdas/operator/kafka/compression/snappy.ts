/** Java's producers put raw blocks into a frame of their own. https://github.com/xerial/snappy-java (SnappyOutputStream) */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER_BYTES = 16

/** @throws Error where the bytes are no Snappy, or are more than `maxBytes` */
export function unsnap(bytes: Buffer, maxBytes: number): Buffer {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return unsnapBlock(bytes, maxBytes)
  const blocks: Buffer[] = []
  let left = maxBytes
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
    const length = bytes.readInt32BE(at)
    const end = at + 4 + length
    if (length < 0 || end > bytes.length) throw new Error('a block of Snappy is cut off')
    const block = unsnapBlock(bytes.subarray(at + 4, end), left)
    blocks.push(block)
    left -= block.length
    at = end
  }
  return Buffer.concat(blocks)
}

/** https://github.com/google/snappy/blob/main/format_description.txt */
function unsnapBlock(input: Buffer, maxBytes: number): Buffer {
  let at = 0
  const next = (): number => {
    const byte = input[at]
    if (byte === undefined) throw new Error('Snappy data is cut off')
    at += 1
    return byte
  }
  const little = (bytes: number): number => {
    let value = 0
    for (let shift = 0; shift < bytes; shift += 1) value += next() * 256 ** shift
    return value
  }
  let size = 0
  for (let factor = 1; ; factor *= 128) {
    const byte = next()
    size += (byte & 0x7f) * factor
    if (byte < 0x80) break
  }
  if (size > maxBytes) throw new Error(`Snappy data of ${size} bytes is too large`)
  const output = Buffer.allocUnsafeSlow(size)
  let end = 0
  const copy = (back: number, length: number) => {
    if (back === 0 || back > end || end + length > size) throw new Error('Snappy data refers to nothing')
    // Source and target may overlap: what was copied is copied again.
    if (back >= length) output.copyWithin(end, end - back, end - back + length)
    else for (let index = 0; index < length; index += 1) output[end + index] = output[end + index - back] ?? 0
    end += length
  }
  while (at < input.length) {
    const tag = next()
    const upper = tag >>> 2
    const kind = tag & 3
    if (kind === 1) copy(((tag >>> 5) << 8) | next(), 4 + (upper & 7))
    else if (kind === 2) copy(little(2), 1 + upper)
    else if (kind === 3) copy(little(4), 1 + upper)
    else {
      const length = 1 + (upper < 60 ? upper : little(upper - 59))
      if (at + length > input.length || end + length > size) throw new Error('Snappy data is cut off')
      input.copy(output, end, at, at + length)
      at += length
      end += length
    }
  }
  if (end !== size) throw new Error(`Snappy data has ${end} bytes where ${size} are said`)
  return output
}
