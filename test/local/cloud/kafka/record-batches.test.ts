import { describe, expect, test } from '@jest/globals'
import { readBatches } from '../../../../local/cloud/kafka/record-batches.ts'
import { batchOf } from './record-batch.ts'

const TRANSACTIONAL = 0x10

/** What a test looks at: values by offset, where reading goes on, and what is wrong there. */
function read(batches: readonly Buffer[], from = 0, aborted: Parameters<typeof readBatches>[2] = []) {
  const { records, next, unreadable } = readBatches(Buffer.concat(batches), from, aborted)
  return { values: records.map(({ offset, value }) => `${offset} ${value}`), next, unreadable }
}

describe('batches', () => {
  test('give their records from an offset on, though they begin before it', () => {
    const batches = [batchOf({ offset: 3, values: ['a', 'b', 'c'] }), batchOf({ offset: 6, values: ['d'] })]
    expect(read(batches, 4)).toEqual({ values: ['4 b', '5 c', '6 d'], next: 7, unreadable: undefined })
  })

  test('that the end of the answer cuts off are left for the next one', () => {
    const cut = batchOf({ offset: 1, values: ['b'] }).subarray(0, -1)
    expect(read([batchOf({ offset: 0, values: ['a'] }), cut])).toMatchObject({ values: ['0 a'], next: 1 })
    expect(read([cut], 1)).toEqual({ values: [], next: 1, unreadable: undefined })
  })

  test('of aborted transactions are left out, and markers are stepped over', () => {
    const batches = [
      batchOf({ offset: 0, values: ['a'], attributes: TRANSACTIONAL, producerId: 7 }),
      batchOf({ offset: 1, values: ['no'], attributes: TRANSACTIONAL, producerId: 8 }),
      batchOf({ offset: 2, values: ['b'] }),
      batchOf({ offset: 3, values: [], producerId: 8, marker: 0 }),
      batchOf({ offset: 4, values: ['c'], attributes: TRANSACTIONAL, producerId: 8 }),
      batchOf({ offset: 5, values: [], producerId: 8, marker: 1 }),
    ]
    expect(read(batches, 0, [{ producerId: 8, firstOffset: 1 }])).toEqual({
      values: ['0 a', '2 b', '4 c'],
      next: 6,
      unreadable: undefined,
    })
  })

  test('that compaction has thinned out or emptied are read past their last offset', () => {
    const batches = [
      batchOf({ offset: 0, values: ['a', 'd'], deltas: [0, 3], lastDelta: 5 }),
      batchOf({ offset: 6, values: [], lastDelta: 2 }),
      batchOf({ offset: 12, values: ['m'] }),
    ]
    expect(read(batches)).toEqual({ values: ['0 a', '3 d', '12 m'], next: 13, unreadable: undefined })
    expect(read(batches.slice(0, 2), 4)).toEqual({ values: [], next: 9, unreadable: undefined })
  })
})

describe('a batch that cannot be read', () => {
  const good = batchOf({ offset: 0, values: ['a'] })
  const flipped = batchOf({ offset: 1, values: ['b'] })
  flipped[flipped.length - 2] = 0xff
  const old = batchOf({ offset: 1, values: ['b'] })
  old[16] = 1

  test.each([
    ['an unknown codec', batchOf({ offset: 1, values: ['b'], attributes: 6 }), 'codec 6'],
    [
      'a broken codec',
      batchOf({ offset: 1, values: ['b'], attributes: 4, body: Buffer.from('x') }),
      'zstd: ',
    ],
    ['a wrong checksum', flipped, 'checksum'],
    [
      'records that end too soon',
      batchOf({ offset: 1, values: ['b'], body: Buffer.from([8, 0]) }),
      'it ends before',
    ],
    ['a format of Kafka 0.10', old, 'format 1'],
  ])('leaves what is before it, and says why: %s', (_, bad, reason) => {
    expect(read([good, bad, batchOf({ offset: 2, values: ['c'] })])).toEqual({
      values: ['0 a'],
      next: 1,
      unreadable: expect.stringContaining(reason),
    })
  })
})
