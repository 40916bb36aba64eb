import { describe, expect, test } from '@jest/globals'
import { readAlarm } from '../../../../local/cloud/cloudwatch/alarm-resource.ts'

const alarm = (properties: object) =>
  readAlarm({
    stack: 'app',
    logicalId: 'alarm',
    type: 'AWS::CloudWatch::Alarm',
    path: 'app/price-check-silent/Resource',
    assetDirectory: undefined,
    properties: {
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 5,
      EvaluationPeriods: 3,
      ...properties,
    },
  })

const ONE = {
  Namespace: 'AWS/Lambda',
  MetricName: 'Errors',
  Dimensions: [{ Name: 'FunctionName', Value: 'billing' }],
  Period: 300,
  Statistic: 'Sum',
}

describe('an alarm', () => {
  test('on one metric is called by its place, and takes what CloudFormation takes where nothing is said', () => {
    expect(alarm(ONE)).toEqual({
      name: 'price-check-silent',
      description: '',
      comparison: 'GreaterThanThreshold',
      threshold: 5,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      missing: 'missing',
      periodSeconds: 300,
      metrics: {
        m1: {
          metric: { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'billing' } },
          statistic: 'Sum',
        },
      },
      expressions: {},
      watched: 'm1',
      problem: undefined,
    })
  })

  test('on an expression watches that which returns data', () => {
    const read = alarm({
      ...{ AlarmName: 'shop', AlarmDescription: 'Bad.', DatapointsToAlarm: 2, TreatMissingData: 'ignore' },
      Metrics: [
        { Id: 'rate', Expression: 'errors / runs' },
        { Id: 'errors', ReturnData: false, MetricStat: { Metric: ONE, Period: 600, Stat: 'Sum' } },
        { Id: 'runs', ReturnData: false, MetricStat: { Metric: ONE, Period: 600, Stat: 'p90' } },
      ],
    })
    expect(read).toMatchObject({
      ...{ name: 'shop', description: 'Bad.', datapointsToAlarm: 2, missing: 'ignore', periodSeconds: 600 },
      ...{ watched: 'rate', expressions: { rate: 'errors / runs' }, problem: undefined },
    })
    expect(Object.entries(read.metrics).map(([id, { statistic }]) => [id, statistic])).toEqual([
      ['errors', 'Sum'],
      ['runs', 'p90'],
    ])
  })

  test('keeps a dimension that only AWS knows apart from all others', () => {
    const Dimensions = [{ Name: 'DBInstanceIdentifier', Value: { Ref: 'database' } }]
    expect(alarm({ ...ONE, Dimensions }).metrics.m1?.metric.dimensions).toEqual({
      DBInstanceIdentifier: '(known in AWS only)',
    })
  })

  test('on a period below a minute is evaluated by the minute', () => {
    expect(alarm({ ...ONE, Period: 10 }).periodSeconds).toBe(60)
  })
})

describe('an alarm that cannot be evaluated', () => {
  test.each([
    [
      { ComparisonOperator: 'GreaterThanUpperThreshold' },
      'ComparisonOperator GreaterThanUpperThreshold is not known here',
    ],
    [{ Threshold: undefined }, 'it has no Threshold'],
    [{ EvaluationPeriods: undefined }, 'it has no EvaluationPeriods'],
    [{ MetricName: undefined }, 'it has no metric'],
    [{ Statistic: undefined, ExtendedStatistic: 'tm95' }, 'the statistic tm95 is not known here'],
  ])('says why: %j', (properties, problem) => {
    expect(alarm({ ...ONE, ...properties }).problem).toBe(problem)
  })
})
