import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  ListDashboardsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor'
import { readDashboard } from '../../../../local/cloud/cloudwatch/dashboard-resource.ts'
import { localClient } from '../local-client.ts'
import {
  alarmOn,
  MINUTE_MS,
  metricsFunction,
  START_MS,
  type WatchedCloud,
  watchedCloud,
} from './watched-cloud.ts'

const BODY = '{"widgets":[{"type":"text","properties":{"markdown":"# Shop"}}]}'

const dashboard = (DashboardName: string) =>
  readDashboard({
    ...{ stack: 'shop', logicalId: 'd', type: 'AWS::CloudWatch::Dashboard', path: 'shop/d' },
    assetDirectory: undefined,
    properties: { DashboardName, DashboardBody: BODY },
  })

let watched: WatchedCloud
const clients: CloudWatchClient[] = []

beforeEach(async () => {
  const cpu = { metric: { namespace: 'AWS/RDS', name: 'CPUUtilization', dimensions: {} }, statistic: 'p99' }
  watched = await watchedCloud({
    functions: [metricsFunction()],
    alarms: [
      alarmOn('AWS/Lambda', 'Errors', { FunctionName: 'metrics' }),
      alarmOn('AWS/RDS', 'CPUUtilization', {}, { metrics: { m1: cpu } }),
      alarmOn(
        'Shop',
        'Sales',
        { Function: 'metrics' },
        {
          expressions: { e1: 'm1 * 2' },
          watched: 'e1',
          missing: 'ignore',
        },
      ),
    ],
    compositeAlarms: [{ name: 'anything', description: 'Look.', alarmRule: 'ALARM("Errors-alarm")' }],
    dashboards: [dashboard('shop'), dashboard('stock')],
  })
  watched.cloud.startMappings()
  const settings = localClient(await watched.cloud.openApi(0))
  clients.push(
    new CloudWatchClient(settings),
    new CloudWatchClient({
      ...settings,
      protocol: SmithyRpcV2CborProtocol,
    }),
  )
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await watched.cloud.stop(0)
})

/** SDK v3 speaks JSON; boto3 and the AWS CLI speak CBOR. */
describe.each([
  ['JSON', 0],
  ['CBOR', 1],
])('in %s', (_, which) => {
  const client = (): CloudWatchClient => {
    const found = clients[which]
    if (!found) throw new Error('There is no client')
    return found
  }

  describe('DescribeAlarms', () => {
    const describeAlarms = (input: ConstructorParameters<typeof DescribeAlarmsCommand>[0] = {}) =>
      client().send(new DescribeAlarmsCommand(input ?? {}))

    test('gives each with its state and what decides it', async () => {
      await watched.invoke({ fail: true })
      await watched.minutes(1)
      const { MetricAlarms } = await describeAlarms({ AlarmNames: ['Errors-alarm'] })
      expect(MetricAlarms).toEqual([
        {
          AlarmName: 'Errors-alarm',
          AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:Errors-alarm',
          AlarmDescription: 'Something is wrong.',
          AlarmConfigurationUpdatedTimestamp: new Date(START_MS),
          ActionsEnabled: true,
          ...{ OKActions: [], AlarmActions: [], InsufficientDataActions: [] },
          StateValue: 'ALARM',
          StateReason: expect.stringMatching(/^Threshold Crossed: 1 out of the last 1 datapoints/),
          StateUpdatedTimestamp: new Date(START_MS + MINUTE_MS),
          StateTransitionedTimestamp: new Date(START_MS + MINUTE_MS),
          ...{ Namespace: 'AWS/Lambda', MetricName: 'Errors', Statistic: 'Sum', Period: 60 },
          Dimensions: [{ Name: 'FunctionName', Value: 'metrics' }],
          ...{ EvaluationPeriods: 1, DatapointsToAlarm: 1, Threshold: 0 },
          ...{ ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching' },
        },
      ])
    })

    test('gives the queries of one on an expression', async () => {
      const { MetricAlarms } = await describeAlarms({ AlarmNamePrefix: 'Sales' })
      expect(MetricAlarms?.[0]?.Metrics).toEqual([
        {
          Id: 'm1',
          MetricStat: {
            Metric: {
              Namespace: 'Shop',
              MetricName: 'Sales',
              Dimensions: [{ Name: 'Function', Value: 'metrics' }],
            },
            ...{ Period: 60, Stat: 'Sum' },
          },
          ReturnData: false,
        },
        { Id: 'e1', Expression: 'm1 * 2', Period: 60, ReturnData: true },
      ])
    })

    test('says of one that is not evaluated here why it is not', async () => {
      const { MetricAlarms } = await describeAlarms({ AlarmNames: ['CPUUtilization-alarm'] })
      expect(MetricAlarms?.[0]).toMatchObject({
        StateValue: 'INSUFFICIENT_DATA',
        StateReason: 'Not evaluated here: nothing here publishes AWS/RDS CPUUtilization',
        ExtendedStatistic: 'p99',
      })
    })

    test('gives those in one state, composite ones where they are asked for, page by page', async () => {
      await watched.invoke({ fail: true })
      await watched.minutes(1)
      const ringing = await describeAlarms({
        StateValue: 'ALARM',
        AlarmTypes: ['CompositeAlarm', 'MetricAlarm'],
      })
      expect(ringing.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['Errors-alarm'])
      expect(ringing.CompositeAlarms).toMatchObject([
        { AlarmName: 'anything', AlarmRule: 'ALARM("Errors-alarm")', StateValue: 'ALARM' },
      ])
      expect((await describeAlarms()).CompositeAlarms).toEqual([])
      const first = await describeAlarms({ MaxRecords: 2 })
      const second = await describeAlarms({ MaxRecords: 2, NextToken: first.NextToken })
      const pages = [first, second].map(({ MetricAlarms }) => MetricAlarms?.map(({ AlarmName }) => AlarmName))
      expect(pages).toEqual([['CPUUtilization-alarm', 'Errors-alarm'], ['Sales-alarm']])
      expect(second.NextToken).toBeUndefined()
    })

    test('refuses a state that there is not', async () => {
      await expect(describeAlarms({ StateValue: 'RED' as 'OK' })).rejects.toMatchObject({
        name: 'ValidationException',
        message: 'StateValue is "RED"; it must be one of OK, ALARM, INSUFFICIENT_DATA.',
      })
    })
  })

  test('DescribeAlarmHistory gives the changes of states, the newest first', async () => {
    await watched.minutes(1)
    await watched.invoke({ fail: true })
    await watched.minutes(1)
    const history = (input: ConstructorParameters<typeof DescribeAlarmHistoryCommand>[0]) =>
      client().send(new DescribeAlarmHistoryCommand(input ?? {}))
    const { AlarmHistoryItems: items } = await history({ AlarmName: 'Errors-alarm' })
    expect(items?.map(({ Timestamp, HistorySummary }) => [Timestamp, HistorySummary])).toEqual([
      [new Date(START_MS + 2 * MINUTE_MS), 'Alarm updated from OK to ALARM'],
      [new Date(START_MS + MINUTE_MS), 'Alarm updated from INSUFFICIENT_DATA to OK'],
    ])
    expect(items?.[0]).toMatchObject({
      AlarmName: 'Errors-alarm',
      AlarmType: 'MetricAlarm',
      HistoryItemType: 'StateUpdate',
    })
    expect(JSON.parse(items?.[0]?.HistoryData ?? '').newState.stateValue).toBe('ALARM')
    const since = await history({
      StartDate: new Date(START_MS + 2 * MINUTE_MS),
      ScanBy: 'TimestampAscending',
    })
    expect(since.AlarmHistoryItems?.map(({ AlarmName }) => AlarmName).sort()).toEqual([
      'Errors-alarm',
      'anything',
    ])
    expect((await history({ HistoryItemType: 'Action' })).AlarmHistoryItems).toEqual([])
  })

  describe('GetMetricData', () => {
    const sales = {
      Namespace: 'Shop',
      MetricName: 'Sales',
      Dimensions: [{ Name: 'Function', Value: 'metrics' }],
    }
    const getData = (input: Partial<GetMetricDataCommandInput>) =>
      client().send(
        new GetMetricDataCommand({
          StartTime: new Date(START_MS),
          EndTime: new Date(START_MS + 3 * MINUTE_MS),
          MetricDataQueries: [{ Id: 'm1', MetricStat: { Metric: sales, Period: 60, Stat: 'Sum' } }],
          ...input,
        }),
      )

    test('gives values with their times, and those of expressions', async () => {
      await watched.invoke({ sales: 3, atMs: START_MS })
      await watched.minutes(2)
      await watched.invoke({ sales: 4.5, atMs: START_MS + 2 * MINUTE_MS })
      const at = (minute: number) => new Date(START_MS + minute * MINUTE_MS)
      const { MetricDataResults } = await getData({
        MetricDataQueries: [
          { Id: 'm1', MetricStat: { Metric: sales, Period: 60, Stat: 'Sum' }, Label: 'sold' },
          { Id: 'e1', Expression: 'FILL(m1, 0) * 2' },
          { Id: 'hidden', MetricStat: { Metric: sales, Period: 60, Stat: 'Average' }, ReturnData: false },
        ],
        ScanBy: 'TimestampAscending',
      })
      expect(MetricDataResults).toEqual([
        { Id: 'm1', Label: 'sold', Timestamps: [at(0), at(2)], Values: [3, 4.5], StatusCode: 'Complete' },
        {
          Id: 'e1',
          Label: 'e1',
          Timestamps: [at(0), at(1), at(2)],
          Values: [6, 0, 9],
          StatusCode: 'Complete',
        },
      ])
      const newest = await getData({})
      expect(newest.MetricDataResults?.[0]?.Values).toEqual([4.5, 3])
    })

    test.each<[string, Partial<GetMetricDataCommandInput>]>([
      ['StartTime must be less', { EndTime: new Date(START_MS) }],
      [
        'Stat TM(1) is not known here',
        { MetricDataQueries: [{ Id: 'm1', MetricStat: { Metric: sales, Period: 60, Stat: 'TM(1)' } }] },
      ],
      ['must have one of MetricStat and Expression', { MetricDataQueries: [{ Id: 'm1' }] }],
      [
        'SEARCH with these arguments is not known here',
        { MetricDataQueries: [{ Id: 'e1', Expression: 'SEARCH("x", "Sum")' }] },
      ],
      ['exceeds 100800', { StartTime: new Date(0) }],
    ])('refuses what it cannot give: %s', async (message, input) => {
      await expect(getData(input)).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringContaining(message),
      })
    })
  })

  test('ListMetrics gives what has values, by namespace, name and dimension', async () => {
    await watched.invoke({ sales: 3, atMs: START_MS })
    const list = async (input: ConstructorParameters<typeof ListMetricsCommand>[0]) =>
      (await client().send(new ListMetricsCommand(input ?? {}))).Metrics
    expect(await list({ Namespace: 'Shop' })).toEqual([
      { Namespace: 'Shop', MetricName: 'Sales', Dimensions: [{ Name: 'Function', Value: 'metrics' }] },
    ])
    const errors = await list({
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: 'metrics' }],
    })
    expect(errors?.[0]?.Namespace).toBe('AWS/Lambda')
    expect(await list({ MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: 'x' }] })).toEqual(
      [],
    )
  })

  test('ListDashboards and GetDashboard give their bodies as they are', async () => {
    const { DashboardEntries } = await client().send(new ListDashboardsCommand({ DashboardNamePrefix: 'sh' }))
    expect(DashboardEntries).toEqual([
      {
        DashboardName: 'shop',
        DashboardArn: 'arn:aws:cloudwatch::000000000000:dashboard/shop',
        LastModified: new Date(START_MS),
        Size: BODY.length,
      },
    ])
    expect(await client().send(new GetDashboardCommand({ DashboardName: 'shop' }))).toMatchObject({
      DashboardBody: BODY,
    })
    await expect(client().send(new GetDashboardCommand({ DashboardName: 'none' }))).rejects.toMatchObject({
      // Where it speaks JSON, the SDK looks for the older name.
      name: which === 0 ? 'ResourceNotFound' : 'DashboardNotFoundError',
      message: 'Dashboard none does not exist. There are shop, stock.',
      $metadata: { httpStatusCode: 404 },
    })
  })

  test('what CloudWatch can besides is not an operation here', async () => {
    const put = new PutMetricDataCommand({
      Namespace: 'Shop',
      MetricData: [{ MetricName: 'Sales', Value: 1 }],
    })
    await expect(client().send(put)).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining(
        'The operation PutMetricData is not available here; there are DescribeAlarms,',
      ),
    })
  })
})
