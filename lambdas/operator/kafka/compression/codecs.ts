import { zstdDecompressSync } from 'node:zlib'
import kafkajs from 'kafkajs'
import { KeeperError, messageOf } from '../../../core/errors.ts'
import { unlz4 } from './lz4.ts'
import { unsnap } from './snappy.ts'

/** Most bytes that the records of one batch may take: Kafka bounds only what they take when compressed. */
const MOST_BYTES = 64 * 1024 * 1024

/**
 * Lets kafkajs read what others compressed with snappy, lz4 and zstd: of its own it has gzip alone. Nothing is sent in
 * them. docs/decisions/reading-compressed-messages.md
 * https://kafka.js.org/docs/producing#compression-other
 */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  CompressionCodecs[CompressionTypes.Snappy] = codec('snappy', (bytes) => unsnap(bytes, MOST_BYTES))
  CompressionCodecs[CompressionTypes.LZ4] = codec('lz4', (bytes) => unlz4(bytes, MOST_BYTES))
  CompressionCodecs[CompressionTypes.ZSTD] = codec('zstd', (bytes) =>
    zstdDecompressSync(bytes, { maxOutputLength: MOST_BYTES }),
  )
}

const codec = (name: string, decompress: (bytes: Buffer) => Buffer) => () => ({
  compress: async () => {
    throw new KeeperError('compression_not_written', `Nothing is sent in ${name}.`)
  },
  decompress: async (bytes: Buffer) => {
    try {
      return decompress(bytes)
    } catch (error) {
      const message = `A batch that is compressed with ${name} cannot be read: ${messageOf(error)}. Begin behind it: an offset like @-1h, or N.`
      const unreadable = new KeeperError('messages_unreadable', message, { cause: error })
      // kafkajs wraps what is thrown, keeps its cause alone, and tries again unless it is told that this is of no use.
      throw Object.assign(new Error(message, { cause: unreadable }), { retriable: false })
    }
  },
})
