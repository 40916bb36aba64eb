import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { decompress } from '../../../../../local/cloud/kafka/compression/codecs.ts'
import { crc32c } from '../../../../../local/cloud/kafka/crc32c.ts'

const TEXT = 'The quick brown fox jumps over the lazy dog. '.repeat(3_000)
const GZIP = 1
const SNAPPY = 2
const LZ4 = 3
const ZSTD = 4

/** The first 2,000 bytes of it, as librdkafka writes Snappy: a block without Java's frame around it. */
const RAW_SNAPPY =
  '0A+wVGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZy4g/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0A/i0Aii0A'

/** As the lz4 program writes it: blocks of 64 KB that refer to the block before, with their sizes and checksums. */
const LINKED_LZ4 =
  'BCJNGFxAWA8CAAAAAABCOAEAAP8eVGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZy4gLQD/////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////u1Byb3duIE6c87oKAQAAD/D//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////+hQdmVyIHT1VRUKGQAAAA8tAP///////////////////09QZG9nLiCRQw6TAAAAANjSWYI='

const base64 = (text: string) => Buffer.from(text, 'base64')

describe('a codec', () => {
  test.each([
    ['gzip', GZIP, gzipSync(TEXT), TEXT],
    ['zstd', ZSTD, zstdCompressSync(TEXT), TEXT],
    ['snappy without a frame', SNAPPY, base64(RAW_SNAPPY), TEXT.slice(0, 2_000)],
    ['lz4 whose blocks are linked', LZ4, base64(LINKED_LZ4), TEXT],
  ])('gives back what was compressed: %s', (_, codec, compressed, text) => {
    expect(decompress(codec, compressed).toString() === text).toBe(true)
  })

  test.each([
    ['gzip', GZIP, gzipSync(TEXT)],
    ['snappy', SNAPPY, base64(RAW_SNAPPY)],
    ['lz4', LZ4, base64(LINKED_LZ4)],
    ['zstd', ZSTD, zstdCompressSync(TEXT)],
  ])('refuses what is cut off or broken, naming itself: %s', (name, codec, compressed) => {
    for (let length = 1; length < compressed.length - 4; length += 7) {
      expect(() => decompress(codec, compressed.subarray(0, length))).toThrow(name)
    }
    expect(() => decompress(codec, Buffer.alloc(40, 0xff))).toThrow(name)
  })

  test('that Kafka does not have is named by its number', () => {
    expect(() => decompress(5, Buffer.alloc(1))).toThrow('codec 5 is none that Kafka 4 has')
  })
})

test('the checksum is that of its specification', () => {
  expect(crc32c(Buffer.from('123456789'), 0, 9)).toBe(0xe3069283)
})
