import { expect, test } from '@jest/globals'
import { emitMetrics } from '../../../../lambdas/core/metrics.ts'
import { embeddedMetrics } from '../../../../local/cloud/cloudwatch/embedded-metrics.ts'

const line = (root: object, directive: object = {}) =>
  JSON.stringify({
    _aws: {
      Timestamp: 1_000,
      CloudWatchMetrics: [
        {
          Namespace: 'Shop',
          Dimensions: [['Function'], []],
          Metrics: [{ Name: 'Sales', Unit: 'Count' }],
          ...directive,
        },
      ],
    },
    Function: 'billing',
    Sales: 3,
    ...root,
  })

test('a line gives each metric under each set of dimensions', () => {
  const of = { namespace: 'Shop', name: 'Sales', unit: 'Count', atMs: 1_000, values: [3] }
  expect(embeddedMetrics(line({}))).toEqual([
    { ...of, dimensions: { Function: 'billing' } },
    { ...of, dimensions: {} },
  ])
})

test('a metric may have several values', () => {
  expect(embeddedMetrics(line({ Sales: [1, 2] }))[0]?.values).toEqual([1, 2])
})

test("Keeper's own lines are read as they are written", () => {
  const lines: string[] = []
  emitMetrics('price-check', { EventsSent: 7 }, (text) => lines.push(text), { KEEPER_STAGE: 'dev' })
  expect(embeddedMetrics(lines[0]?.trimEnd() ?? '')).toEqual([
    {
      namespace: 'Keeper',
      name: 'EventsSent',
      dimensions: { Stage: 'dev', Function: 'price-check' },
      unit: 'Count',
      atMs: expect.any(Number),
      values: [7],
    },
  ])
})

test.each([
  ['no JSON', '{"_aws":'],
  ['another log line', '{"level":"INFO","message":"_aws"}'],
  ['no time', line({ _aws: { CloudWatchMetrics: [] } })],
  ['no namespace', line({}, { Namespace: undefined })],
  ['a value that is no number', line({ Sales: 'three' })],
  ['no value', line({ Sales: undefined })],
  ['no value of a dimension', line({ Function: undefined }, { Dimensions: [['Function']] })],
  ['directives that are no list', line({ _aws: { Timestamp: 1, CloudWatchMetrics: { Namespace: 'x' } } })],
])('a line with %s has no metrics', (_, text) => expect(embeddedMetrics(text)).toEqual([]))
