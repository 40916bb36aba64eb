import { describe, expect, test } from '@jest/globals'
import { isStatistic, MetricStore } from '../../../../local/cloud/cloudwatch/metric-store.ts'

const MINUTE_MS = 60_000
const metric = { namespace: 'Shop', name: 'Latency', dimensions: { Function: 'billing', Stage: 'dev' } }

/** A store that took one value at each of these times. */
function storeOf(...values: readonly (readonly [minutes: number, value: number])[]) {
  const store = new MetricStore()
  for (const [minutes, value] of values) store.put({ ...metric, atMs: minutes * MINUTE_MS, values: [value] })
  return store
}

const read = (store: MetricStore, statistic: string, periodMinutes: number, from: number, to: number) =>
  store
    .read(metric, statistic, periodMinutes * MINUTE_MS, from * MINUTE_MS, to * MINUTE_MS)
    .map(({ atMs, value }) => [atMs / MINUTE_MS, value])

describe('statistics', () => {
  test.each([
    ['Sum', 10],
    ['Average', 2.5],
    ['Minimum', 1],
    ['Maximum', 4],
    ['SampleCount', 4],
    ['p50', 2],
    ['p99.9', 4],
    ['p0', 1],
  ])('%s is taken over a period', (statistic, value) => {
    const store = storeOf([0, 1], [0.5, 4], [1, 2], [4.9, 3], [5, 100])
    expect(read(store, statistic, 5, 0, 5)).toEqual([[0, value]])
  })

  test('are the five of CloudWatch and percentiles', () => {
    expect(['Sum', 'p95', 'p99.99'].map(isStatistic)).toEqual([true, true, true])
    expect(['sum', 'tm90', 'p1000x', 'Median'].map(isStatistic)).toEqual([false, false, false, false])
  })

  test('keep two digits of many different values', () => {
    const store = storeOf(...Array.from({ length: 5_000 }, (_, index) => [0, index] as const))
    const [[, value] = []] = read(store, 'p90', 1, 0, 1)
    expect(Math.abs(Number(value) - 4_500)).toBeLessThan(100)
    expect(read(store, 'Sum', 1, 0, 1)).toEqual([[0, (4_999 * 5_000) / 2]])
  })
})

describe('periods', () => {
  test('begin where they are asked to, and are left out where nothing came', () => {
    const store = storeOf([1, 1], [2, 2], [7, 7], [8, 8])
    expect(read(store, 'Sum', 2, 1, 9)).toEqual([
      [1, 3],
      [7, 15],
    ])
    expect(read(store, 'Sum', 2, 2, 8)).toEqual([
      [2, 2],
      [6, 7],
    ])
  })
})

describe('metrics', () => {
  test('are told apart by namespace, name and dimensions, in any order', () => {
    const store = storeOf([0, 1])
    const value = (more: object) =>
      store.read({ ...metric, ...more }, 'Sum', MINUTE_MS, 0, MINUTE_MS)[0]?.value
    expect(value({ dimensions: { Stage: 'dev', Function: 'billing' } })).toBe(1)
    expect(value({ dimensions: { Stage: 'dev' } })).toBeUndefined()
    expect(value({ name: 'Other' })).toBeUndefined()
    expect(value({ namespace: 'Other' })).toBeUndefined()
  })

  test('of Kafka are those of the one cluster here, whatever it is called', () => {
    const store = new MetricStore()
    const id = { namespace: 'AWS/Kafka', name: 'MaxOffsetLag' }
    store.put({ ...id, dimensions: { Topic: 't' }, atMs: 0, values: [5] })
    const asked = { ...id, dimensions: { 'Cluster Name': 'shop-kafka', Topic: 't' } }
    expect(store.read(asked, 'Maximum', MINUTE_MS, 0, MINUTE_MS)).toEqual([{ atMs: 0, value: 5 }])
  })

  test('are forgotten after eight days', () => {
    const store = storeOf([0, 1], [9 * 1_440, 2])
    expect(read(store, 'Sum', 1_440, 0, 10 * 1_440)).toEqual([[9 * 1_440, 2]])
  })
})
