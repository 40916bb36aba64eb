import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { unlz4 } from './lz4.ts'
import { unsnap } from './snappy.ts'

/** Most bytes that the records of one batch may take: Kafka bounds only what they take when compressed. */
const MOST_BYTES = 256 * 1024 * 1024

/** Kafka's codecs by their number in a batch. https://kafka.apache.org/41/design/message-format/ (attributes) */
const CODECS: readonly ((bytes: Buffer) => Buffer)[] = [
  (bytes) => bytes,
  (bytes) => gunzipSync(bytes, { maxOutputLength: MOST_BYTES }),
  (bytes) => unsnap(bytes, MOST_BYTES),
  (bytes) => unlz4(bytes, MOST_BYTES),
  (bytes) => zstdDecompressSync(bytes, { maxOutputLength: MOST_BYTES }),
]

const NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** @throws Error saying what is wrong with the bytes, or that the codec is none of Kafka's */
export function decompress(codec: number, bytes: Buffer): Buffer {
  const read = CODECS[codec]
  if (!read) throw new Error(`codec ${codec} is none that Kafka 4 has (${NAMES.join(', ')})`)
  try {
    return read(bytes)
  } catch (error) {
    throw new Error(`${NAMES[codec]}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
