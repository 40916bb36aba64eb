import { describe, expect, test } from '@jest/globals'
import type { Batch } from '../../../../local/cloud/mapping/batch.ts'
import { BufferedRecord } from '../../../../local/cloud/mapping/record.ts'
import { verdictOf } from '../../../../local/cloud/mapping/response.ts'

const records = (...offsets: bigint[]) =>
  offsets.map((offset) => {
    const times = { timestampMs: 0, timestampType: 'CREATE_TIME' } as const
    return new BufferedRecord('t', 0, {
      offset: Number(offset),
      ...times,
      key: null,
      value: null,
      headers: [],
    })
  })

/** Offsets 5, 6, 8: Kafka leaves gaps. */
const batch: Batch = { topic: 'price-updates', slices: [{ partition: 2, records: records(5n, 6n, 8n) }] }

/** Offsets that are left, by partition. */
function leftIn(of: Batch, payload: string, reports = true): [number, number[]][] {
  const { left } = verdictOf({ ok: true, payload }, of, reports)
  return left.map((slice) => [slice.partition, slice.records.map(({ offset }) => Number(offset))])
}

const leftAfter = (payload: string, reports = true): number[] =>
  leftIn(batch, payload, reports).flatMap(([, offsets]) => offsets)

const reporting = (...identifiers: unknown[]): string =>
  JSON.stringify({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) })

const WHOLE = [5, 6, 8]

describe("the answer to a batch's invocation", () => {
  test.each(['null', '{}', '""', '{"batchItemFailures":null}', '{"batchItemFailures":[]}', '{"other":1}'])(
    'is success where it is %s',
    (payload) => {
      expect(leftAfter(payload)).toEqual([])
    },
  )

  test('leaves everything from the lowest offset reported', () => {
    const at = (offset: number) => ({ partition: 'price-updates-2', offset })
    expect(leftAfter(reporting(at(8)))).toEqual([8])
    expect(leftAfter(reporting(at(8), at(6)))).toEqual([6, 8])
    expect(leftAfter(reporting(at(5)))).toEqual(WHOLE)
  })

  test.each([
    ['an offset that is not in the batch', reporting({ partition: 'price-updates-2', offset: 7 })],
    ['another partition', reporting({ partition: 'price-updates-1', offset: 6 })],
    ['another topic', reporting({ partition: 'deal-updates-2', offset: 6 })],
    ['an offset in text', reporting({ partition: 'price-updates-2', offset: '6' })],
    ['no offset', reporting({ partition: 'price-updates-2' })],
    ['an empty identifier', reporting('')],
    ['no identifier', reporting(null)],
    ['a wrong name', '{"batchItemFailures":[{"identifier":1}]}'],
    ['a failure that is null', '{"batchItemFailures":[null]}'],
    ['a list that is none', '{"batchItemFailures":"6"}'],
    [
      'one good and one bad identifier',
      reporting({ partition: 'price-updates-2', offset: 8 }, { offset: 6 }),
    ],
    ['a text', '"done"'],
    ['a number', '200'],
  ])('leaves the whole batch where it has %s', (_, payload) => {
    expect(leftAfter(payload)).toEqual(WHOLE)
  })

  test('is success whatever it says where the mapping takes no reports', () => {
    expect(leftAfter(reporting({ partition: 'price-updates-2', offset: 6 }), false)).toEqual([])
  })

  test('leaves the whole batch where it is an error, and says which', () => {
    const error = { errorType: 'TypeError', errorMessage: 'no such thing', trace: [] }
    expect(verdictOf({ ok: false, error }, batch, true)).toEqual({
      left: batch.slices,
      reason: 'TypeError: no such thing',
      throttled: false,
    })
  })

  test('leaves what each partition of several has from its own lowest offset on', () => {
    const several: Batch = {
      topic: 't',
      slices: [0, 1, 2].map((partition) => ({ partition, records: records(1n, 2n, 3n) })),
    }
    const at = (partition: number, offset: number) => ({ partition: `t-${partition}`, offset })
    expect(leftIn(several, reporting(at(2, 3), at(0, 2), at(0, 3)))).toEqual([
      [0, [2, 3]],
      [2, [3]],
    ])
    expect(leftIn(several, reporting(at(0, 2), at(1, 9))).map(([partition]) => partition)).toEqual([0, 1, 2])
  })
})
