import { describe, expect, test } from '@jest/globals'
import type { Batch } from '../../../../local/cloud/mapping/batch.ts'
import { verdictOf } from '../../../../local/cloud/mapping/response.ts'

/** Offsets 5, 6, 8: Kafka leaves gaps. */
const batch: Batch = {
  topic: 'price-updates',
  partition: 2,
  records: [5n, 6n, 8n].map((offset) => ({ offset, json: '{}', bytes: 3 })),
}

function leftAfter(payload: string, reports = true): number[] {
  return verdictOf({ ok: true, payload }, batch, reports).left.map(({ offset }) => Number(offset))
}

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
      left: batch.records,
      reason: 'TypeError: no such thing',
    })
  })
})
