import zlib from 'node:zlib'

/** Decodes one content coding. @throws zlib's Error if bytes are missing or damaged */
type Unpack = (bytes: Buffer) => Buffer

/**
 * `deflate` is the zlib format (RFC 9110, 8.4.1.2), but some servers send the bare deflate stream. A zlib header is
 * divisible by 31 and names method 8 (RFC 1950, 2.2); no deflate stream that a compressor writes begins like that.
 */
const inflated: Unpack = (bytes) => {
  const isZlib = bytes.length >= 2 && bytes.readUInt16BE(0) % 31 === 0 && ((bytes[0] ?? 0) & 0x0f) === 8
  return isZlib ? zlib.inflateSync(bytes) : zlib.inflateRawSync(bytes)
}

const UNPACK: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ['', (bytes) => bytes],
  ['identity', (bytes) => bytes],
  ['gzip', zlib.gunzipSync],
  ['x-gzip', zlib.gunzipSync],
  ['deflate', inflated],
  ['br', zlib.brotliDecompressSync],
])

/** Thrown for a coding that Keeper cannot decode: a retry would get the same. */
export class UnknownCoding extends Error {
  constructor(coding: string) {
    super(
      `the answer has the content coding "${coding}"; Keeper asks for gzip, and also reads deflate and br`,
    )
  }
}

/**
 * Decodes an answer by its `Content-Encoding`: codings in either case, several in the order in which they were applied
 * (RFC 9110, 8.4).
 * @throws UnknownCoding before anything is decoded; zlib's Error if bytes are missing or damaged
 */
export function unpacked(bytes: Buffer, contentEncoding = ''): Buffer {
  const steps = contentEncoding.split(',').map((coding) => {
    const unpack = UNPACK.get(coding.trim().toLowerCase())
    if (!unpack) throw new UnknownCoding(coding.trim())
    return unpack
  })
  return steps.reduceRight((packed, unpack) => unpack(packed), bytes)
}
