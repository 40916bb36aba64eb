import { describe, expect, test } from '@jest/globals'
import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import {
  KafkaMonitoring,
  type KafkaMonitoringProps,
} from '../../../../lib/constructs/kafka/kafka-monitoring.ts'

const SMALL: KafkaMonitoringProps = {
  clusterName: 'cluster',
  brokers: 3,
  brokerType: 'standard',
  burstable: false,
}

interface Query {
  readonly Id: string
  readonly Expression?: string
  readonly MetricStat?: {
    readonly Metric: { readonly MetricName: string; readonly Dimensions: { Name: string; Value: string }[] }
    readonly Stat: string
  }
}
interface AlarmProperties {
  readonly Metrics?: readonly Query[]
  readonly MetricName?: string
  readonly [property: string]: unknown
}

/** The alarms as they are in a template, by id. */
function alarmsOf(changes: Partial<KafkaMonitoringProps> = {}): Map<string, AlarmProperties> {
  // CloudFormation's own rules, which take seconds to load, are test/bin/keeper.test.ts's.
  const stack = new Stack(new App({ builtinCloudFormationValidation: false }), 'stack')
  for (const { id, metric, threshold, comparison, periods = 1, missing } of new KafkaMonitoring({
    ...SMALL,
    ...changes,
  }).alarms()) {
    new Alarm(stack, id, {
      alarmName: id,
      metric,
      threshold,
      comparisonOperator: comparison,
      evaluationPeriods: periods,
      treatMissingData: missing,
    })
  }
  return new Map(
    Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => [
      Properties.AlarmName,
      Properties,
    ]),
  )
}

const statsOf = ({ Metrics = [] }: AlarmProperties = {}) =>
  Metrics.flatMap(({ MetricStat }) => MetricStat ?? [])
const brokersOf = (alarm: AlarmProperties | undefined) => [
  ...new Set(
    statsOf(alarm).map(({ Metric }) => Metric.Dimensions.find(({ Name }) => Name === 'Broker ID')?.Value),
  ),
]

describe('the alarms of Kafka', () => {
  test('measure a broker by the CPU of users and system together', () => {
    const cpu = alarmsOf({ brokers: 2 }).get('kafka-cpu')
    expect(cpu?.Metrics?.flatMap(({ Id, Expression }) => (Expression ? [[Id, Expression]] : []))).toEqual([
      ['expr_1', 'MAX([b1, b2])'],
      ['b1', 'b1m0 + b1m1'],
      ['b2', 'b2m0 + b2m1'],
    ])
    expect(statsOf(cpu).map(({ Metric, Stat }) => [Metric.MetricName, Stat])).toEqual([
      ['CpuUser', 'Average'],
      ['CpuSystem', 'Average'],
      ['CpuUser', 'Average'],
      ['CpuSystem', 'Average'],
    ])
    expect(cpu).toMatchObject({ Threshold: 60 })
  })

  test.each([3, 6, 11, 30])('of %i brokers see each of them, with at most 10 metrics an alarm', (brokers) => {
    const alarms = alarmsOf({ brokers, burstable: true })
    const all = Array.from({ length: brokers }, (_, index) => String(index + 1))
    const kinds = ['cpu', 'cpu-credits', 'disk', 'disk-credits', 'replicas-behind', 'sends-refused']
    for (const kind of kinds) {
      const ofKind = [...alarms].filter(([id]) => new RegExp(`^kafka-${kind}(-\\d+)?$`).test(id))
      expect(ofKind.flatMap(([, alarm]) => brokersOf(alarm))).toEqual(all)
    }
    for (const alarm of alarms.values()) expect(statsOf(alarm).length).toBeLessThanOrEqual(10)
  })

  test('see the broker with the fewest credits', () => {
    const alarms = alarmsOf({ burstable: true })
    for (const [id, metric] of [
      ['kafka-cpu-credits', 'CPUCreditBalance'],
      ['kafka-disk-credits', 'BurstBalance'],
    ] as const) {
      const alarm = alarms.get(id)
      expect(alarm?.Metrics?.[0]?.Expression).toBe('MIN([b1, b2, b3])')
      expect(alarm).toMatchObject({ Threshold: 20, ComparisonOperator: 'LessThanThreshold' })
      expect(statsOf(alarm).map(({ Metric, Stat }) => [Metric.MetricName, Stat])).toEqual(
        Array.from({ length: 3 }, () => [metric, 'Minimum']),
      )
    }
  })

  test('see that nobody controls the cluster', () => {
    expect(alarmsOf().get('kafka-controller')).toMatchObject({
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'missing',
    })
  })

  test('say nothing of CPU credits where brokers have none', () => {
    expect([...alarmsOf().keys()]).not.toContain('kafka-cpu-credits')
  })

  test('use of Express brokers only what Express publishes', () => {
    // https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details-express.html
    expect([...alarmsOf({ brokerType: 'express' }).keys()]).toEqual(['kafka-controller', 'kafka-cpu'])
    const express = new KafkaMonitoring({ ...SMALL, brokerType: 'express' })
    const widgets = JSON.stringify(
      new Stack().resolve(
        express
          .widgets()
          .flat()
          .map((widget) => widget.toJson()),
      ),
    )
    expect([...new Set(widgets.match(/"AWS\/Kafka","\w+"/g))]).toEqual([
      '"AWS/Kafka","CpuUser"',
      '"AWS/Kafka","CpuSystem"',
      '"AWS/Kafka","BytesInPerSec"',
    ])
  })
})
