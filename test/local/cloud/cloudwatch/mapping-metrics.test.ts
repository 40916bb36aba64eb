import { expect, test } from '@jest/globals'
import { mappingUuid } from '../../../../local/cloud/account.ts'
import {
  mappingMeasurements,
  mappingMetricNames,
} from '../../../../local/cloud/cloudwatch/mapping-metrics.ts'
import type { MappingMetric } from '../../../../local/cloud/mapping/metrics.ts'
import { mappingOf } from './watched-cloud.ts'

const UUID = mappingUuid('mapping')

/** What a mapping with these groups publishes when it tells a value of 3. */
const published = (metricGroups: readonly string[], metric: MappingMetric) =>
  mappingMeasurements(mappingOf('orders', { metricGroups }), metric, 3, 0).map(
    ({ name, dimensions, values: [value] }) => [name, dimensions.EventSourceMappingUUID, value],
  )

test('a group is published where it is asked for', () => {
  expect(published([], 'PolledEventCount')).toEqual([])
  expect(published(['EventCount'], 'PolledEventCount')).toEqual([['PolledEventCount', UUID, 3]])
  expect(published(['KafkaMetrics'], 'PolledEventCount')).toEqual([])
})

test('an invocation that failed is one error, of however many records', () => {
  expect(published(['EventCount', 'ErrorCount'], 'FailedInvokeEventCount')).toEqual([
    ['FailedInvokeEventCount', UUID, 3],
    ['InvokeErrorCount', UUID, 1],
  ])
})

test('a group that is not known here names no metric', () => {
  expect(mappingMetricNames(mappingOf('orders', { metricGroups: ['Other', 'KafkaMetrics'] }))).toEqual([
    'MaxOffsetLag',
    'SumOffsetLag',
  ])
})
