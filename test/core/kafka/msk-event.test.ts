import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import {
  bytesOf,
  headersOf,
  recordsByPartition,
  textOf,
  timestampOf,
} from '../../../lambdas/core/kafka/msk-event.ts'

const event = JSON.parse(
  readFileSync(new URL('../../events/msk-price-updates.json', import.meta.url), 'utf8'),
)

test('an event is read partition by partition, in the order in which Lambda sent it', () => {
  const partitions = recordsByPartition(event)
  expect(partitions.map(({ id, records }) => [id, records.map(({ offset }) => offset)])).toEqual([
    ['price-updates-0', [15, 16]],
    ['price-updates-2', [3]],
  ])
})

test('keys and values are bytes, headers too, whether their numbers are signed or not', () => {
  const [first = missing()] = recordsByPartition(event)[0]?.records ?? []
  expect(bytesOf(first.key)).toEqual(Buffer.from('B07W6JN8V8'))
  expect(bytesOf(first.value)).toEqual(Buffer.from('{"asin":"B07W6JN8V8","event_type":"price_update"}'))
  expect(headersOf(first)).toEqual([{ name: 'source', value: Buffer.from('keepaä') }])
  expect(timestampOf(first)).toBe(1771590600123)
})

test('a tombstone has no value, a record without a key no key', () => {
  const [{ records: first = [] } = {}, { records: second = [] } = {}] = recordsByPartition(event)
  expect(bytesOf(first[1]?.value)).toBeNull()
  expect(bytesOf(second[0]?.key)).toBeNull()
})

test('a record without a usable timestamp has none', () => {
  expect(timestampOf({ topic: 't', partition: 0, offset: 0, timestamp: -1 })).toBeUndefined()
  expect(timestampOf({ topic: 't', partition: 0, offset: 0 })).toBeUndefined()
})

test.each(['', 'plain', 'ä', '漢字 and 🦊', '\u0000', '\uFFFD', '\u007F\u0080'])(
  'the text %j is read as it was',
  (text) => {
    expect(textOf(Buffer.from(text).toString('base64'))).toBe(text)
  },
)

test.each([
  ['a lone continuation', [0x7b, 0xff, 0x7d]],
  ['a text that ends within a character', [0x61, 0xc3]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
])('%s is no text', (_, bytes) => {
  expect(textOf(Buffer.from(bytes).toString('base64'))).toBeUndefined()
})

const missing = (): never => {
  throw new Error('the sample has no record')
}
