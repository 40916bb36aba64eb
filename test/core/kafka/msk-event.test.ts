import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { recordsByPartition } from '../../../lambdas/core/kafka/msk-event.ts'

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

test('keys, values and headers are bytes, signed or not', () => {
  const [first] = recordsByPartition(event)[0]?.records ?? []
  expect(first).toEqual({
    topic: 'price-updates',
    partition: 0,
    offset: 15,
    timestampMs: 1771590600123,
    key: Buffer.from('B07W6JN8V8'),
    value: Buffer.from('{"asin":"B07W6JN8V8","event_type":"price_update"}'),
    headers: [{ name: 'source', value: Buffer.from('keepaä') }],
  })
})

test('a tombstone has no value, a record without a key no key', () => {
  const [{ records: first = [] } = {}, { records: second = [] } = {}] = recordsByPartition(event)
  expect(first[1]?.value).toBeNull()
  expect(second[0]?.key).toBeNull()
})

test('a record without a usable timestamp has none', () => {
  const records = [{ topic: 't', partition: 0, offset: 0, timestamp: -1 }]
  expect(recordsByPartition({ records: { 't-0': records } })[0]?.records[0]?.timestampMs).toBeUndefined()
})
