import { expect, test } from '@jest/globals'
import { readGraph } from '../../../../local/cloud/cloudwatch/graph.ts'

test('a row names a metric with its dimensions, and how it is drawn', () => {
  const graph = readGraph({
    stat: 'Sum',
    period: 60,
    metrics: [
      [
        'Shop',
        'Sales',
        'Function',
        'billing',
        'Stage',
        'dev',
        { label: 'sold', yAxis: 'right', period: 300 },
      ],
      ['Shop', 'Visits'],
    ],
  })
  expect(graph).toEqual({
    metrics: {
      row1: {
        metric: { namespace: 'Shop', name: 'Sales', dimensions: { Function: 'billing', Stage: 'dev' } },
        statistic: 'Sum',
      },
      row2: { metric: { namespace: 'Shop', name: 'Visits', dimensions: {} }, statistic: 'Sum' },
    },
    expressions: {},
    lines: [
      { id: 'row1', label: 'sold', yAxis: 'right', periodSeconds: 300 },
      { id: 'row2', label: 'Visits', yAxis: 'left', periodSeconds: 60 },
    ],
  })
})

test('a dot repeats what stands there in the row before, three what is left out', () => {
  const { metrics } = readGraph({
    metrics: [
      ['Shop', 'Sales', 'Function', 'billing', 'Stage', 'dev'],
      ['.', 'Visits', '.', '.', '.', 'prod'],
      ['...', 'test', { stat: 'p99' }],
    ],
  })
  expect(
    Object.values(metrics).map(({ metric, statistic }) => [metric.name, metric.dimensions, statistic]),
  ).toEqual([
    ['Sales', { Function: 'billing', Stage: 'dev' }, 'Average'],
    ['Visits', { Function: 'billing', Stage: 'prod' }, 'Average'],
    ['Visits', { Function: 'billing', Stage: 'test' }, 'p99'],
  ])
})

test('what is not visible is asked for, and not drawn', () => {
  const graph = readGraph({
    metrics: [
      [{ expression: 'sales / 60', label: 'a second' }],
      ['Shop', 'Sales', { id: 'sales', visible: false }],
    ],
  })
  expect(Object.keys(graph.metrics)).toEqual(['sales'])
  expect(graph.expressions).toEqual({ row1: 'sales / 60' })
  expect(graph.lines).toEqual([{ id: 'row1', label: 'a second', yAxis: 'left', periodSeconds: 300 }])
})
