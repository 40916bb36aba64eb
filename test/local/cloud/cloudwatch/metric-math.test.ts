import { describe, expect, test } from '@jest/globals'
import { metricMath, type Values } from '../../../../local/cloud/cloudwatch/metric-math.ts'

const PERIODS = [0, 60_000, 120_000, 180_000, 240_000]

/** `-` is a missing value, as AWS writes it. */
const series = (...values: readonly (number | '-')[]): Values =>
  new Map(values.flatMap((value, index) => (value === '-' ? [] : [[PERIODS[index] ?? 0, value] as const])))

function compute(expression: string, metrics: Readonly<Record<string, Values>>) {
  const results = metricMath(expression, {
    series: (id) => metrics[id],
    metrics: Object.keys(metrics),
    periods: PERIODS,
    periodSeconds: 60,
  })
  return results.map((values) => PERIODS.map((period) => values.get(period) ?? '-'))
}

const one = (expression: string, metrics: Readonly<Record<string, Values>>) => compute(expression, metrics)[0]

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax */
describe("AWS's own examples", () => {
  const metric1 = series(30, 20, 0, 0)
  const metric2 = series(20, '-', 20, '-')

  test.each([
    ['metric1 < metric2', [0, 0, 1, 0, '-']],
    ['metric1 >= 30', [1, 0, 0, 0, '-']],
    ['metric1 > 15 AND metric2 > 15', [1, 0, 0, 0, '-']],
  ])('a comparison takes a missing value for 0: %s', (expression, expected) => {
    expect(one(expression, { metric1, metric2 })).toEqual(expected)
  })

  test('IF takes a missing value of the first alternative for 0, and drops one of the second', () => {
    const metrics = {
      metric1: series(1, 1, 0, 0, '-'),
      metric2: series(30, '-', 0, 0, 30),
      metric3: series(0, 0, 20, '-', 20),
    }
    expect(one('IF(metric1, metric2, metric3)', metrics)).toEqual([30, 0, 20, '-', '-'])
  })
})

describe('arithmetic', () => {
  const metrics = { m1: series(1, 2, 3), m2: series(4, '-', 0) }

  test.each([
    ['m1 + m2', [5, 2, 3, '-', '-']],
    ['m1 / m2', [0.25, '-', '-', '-', '-']],
    ['-m1 * 2 + 10', [8, 6, 4, '-', '-']],
    ['(m1 + 1) * 2 ^ 2', [8, 12, 16, '-', '-']],
    ['m1 / 1000 * 256 / 1024', [0.00025, 0.0005, 0.00075, '-', '-']],
    ['m1 - 1 - 1', [-1, 0, 1, '-', '-']],
  ])('%s', (expression, expected) => expect(one(expression, metrics)).toEqual(expected))
})

describe('functions', () => {
  const metrics = { m1: series(1, '-', -3, 4), m2: series('-', '-', 5, '-') }

  test.each([
    ['ABS(m1)', [1, '-', 3, 4, '-']],
    ['CEIL(m1 / 2)', [1, '-', -1, 2, '-']],
    ['FILL(m1, 0)', [1, 0, -3, 4, 0]],
    ['FILL(m1, REPEAT)', [1, 1, -3, 4, 4]],
    ['FILL(m1, LINEAR)', [1, -1, -3, 4, '-']],
    ['FILL(m2, MAX(m1))', [4, 4, 5, 4, 4]],
    ['MAX([m1, m2])', [1, '-', 5, 4, '-']],
    ['SUM(METRICS())', [1, '-', 2, 4, '-']],
    ['AVG([m1, m2])', [0.5, '-', 1, 2, '-']],
    ['SUM(METRICS("2"))', ['-', '-', 5, '-', '-']],
    ['m1 - MIN(m1)', [4, '-', 0, 7, '-']],
    ['DIFF(m1)', ['-', '-', -4, 7, '-']],
    ['RATE(m1) * PERIOD(m1)', ['-', '-', -2, 7, '-']],
    ['RUNNING_SUM(m1)', [1, '-', -2, 2, '-']],
    ['TIME_SERIES(7)', [7, 7, 7, 7, 7]],
    ['IF(m1 > 0, m1)', [1, '-', '-', 4, '-']],
    ['m1 * DATAPOINT_COUNT(m1)', [3, '-', -9, 12, '-']],
  ])('%s', (expression, expected) => expect(one(expression, metrics)).toEqual(expected))

  test('several series come of an array', () => {
    expect(compute('METRICS() * 2', metrics)).toEqual([
      [2, '-', -6, 8, '-'],
      ['-', '-', 10, '-', '-'],
    ])
  })
})

describe('what cannot be computed', () => {
  test.each([
    ['m1 +', 'm1 +: it ends too early'],
    ['m9 * 2', 'there is no metric m9'],
    ['ANOMALY_DETECTION_BAND(m1, 2)', 'ANOMALY_DETECTION_BAND with these arguments is not known here'],
    ['MAX([m1, m1)', 'MAX([m1, m1): , is expected before )'],
    ['m1 % 2', '% 2 is not known here'],
    ['m1 m1', 'm1 is not expected'],
    ['"text"', '"text": it gives no values'],
    ['SELECT AVG(x) FROM y', 'there is no metric SELECT'],
  ])('%s is refused with what is wrong', (expression, message) => {
    expect(() => compute(expression, { m1: series(1) })).toThrow(message)
  })
})
