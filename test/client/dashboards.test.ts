import { expect, test } from '@jest/globals'
import { listDashboards, readDashboard } from '../../client/dashboards.ts'
import { invokeLocally } from '../../client/local-invoke.ts'
import { fakeKeeper } from '../console/fake-keeper.ts'

const OUTPUTS = ['overview', 'price-check'].map((Description) => ({
  ...{
    OutputKey: `${Description.replace('-', '')}dashboard`,
    OutputValue: `${Description}0A1B`,
    Description,
  },
}))
const BODY = {
  widgets: [
    {
      ...{ type: 'metric', width: 24 },
      properties: {
        title: 'Rows',
        metrics: [
          [
            'Keeper',
            'Rows',
            'Function',
            'price-consumer',
            { id: 'm1', stat: 'Sum', period: 60, visible: false },
          ],
          [{ expression: 'm1 / 2', label: 'half' }],
        ],
      },
    },
  ],
}

const asked: [string, Readonly<Record<string, unknown>>][] = []
const stage = fakeKeeper(
  {},
  (command, input) => {
    asked.push([command, input])
    if (command === 'DescribeStacksCommand') {
      return { Stacks: [{ StackName: input.StackName, Outputs: [{ OutputKey: 'AlarmTopic' }, ...OUTPUTS] }] }
    }
    if (command === 'GetDashboardCommand') return { DashboardBody: JSON.stringify(BODY) }
    if (command !== 'GetMetricDataCommand') return {}
    throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' })
  },
  { stage: 'prod' },
)

test('a stage’s dashboards are those that its stack names', async () => {
  expect(await listDashboards(stage)).toEqual(['overview', 'price-check'])
  expect(asked.at(-1)).toEqual(['DescribeStacksCommand', { StackName: 'keeper-prod-monitoring' }])
  await expect(readDashboard(stage, 'prices', 60)).rejects.toMatchObject({
    code: 'no_such_dashboard',
    message: expect.stringContaining('overview, price-check'),
  })
})

test('a graph asks for its metrics as the template has them, in periods that a graph can show, and says why there is none', async () => {
  const week = 7 * 1_440
  const now = Date.parse('2026-02-20T12:00:00Z')
  expect(await readDashboard(stage, 'overview', week, now)).toEqual({
    widgets: [
      {
        ...{ kind: 'graph', title: 'Rows', isWide: true, startMs: now - week * 60_000, endMs: now },
        ...{
          times: [],
          series: [],
          problem: expect.stringContaining('no more calls of cloudwatch:GetMetricData'),
        },
      },
    ],
  })
  expect(asked.at(-1)).toMatchObject([
    'GetMetricDataCommand',
    {
      MetricDataQueries: [
        {
          ...{ Id: 'm1', ReturnData: false, Label: 'Rows' },
          MetricStat: {
            Metric: {
              Namespace: 'Keeper',
              MetricName: 'Rows',
              Dimensions: [{ Name: 'Function', Value: 'price-consumer' }],
            },
            ...{ Stat: 'Sum', Period: 2_040 },
          },
        },
        { Id: 'line1', ReturnData: true, Label: 'half', Expression: 'm1 / 2', Period: 2_040 },
      ],
    },
  ])
})

test('nobody invokes a function of a stage with an event of one’s own: it would forge prices', async () => {
  const before = asked.length
  await expect(invokeLocally(stage, 'price-consumer', '{}')).rejects.toMatchObject({ code: 'local_only' })
  expect(asked).toHaveLength(before)
})
