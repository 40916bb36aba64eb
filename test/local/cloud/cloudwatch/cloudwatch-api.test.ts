import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readDashboard } from '../../../../local/cloud/cloudwatch/dashboard-resource.ts'
import {
  alarmOn,
  MINUTE_MS,
  metricsFunction,
  START_MS,
  type WatchedCloud,
  watchedCloud,
} from './watched-cloud.ts'

const dashboard = (DashboardName: string, DashboardBody: unknown) =>
  readDashboard({
    ...{ stack: 'shop', logicalId: 'd', type: 'AWS::CloudWatch::Dashboard', path: 'shop/d' },
    assetDirectory: undefined,
    properties: { DashboardName, DashboardBody },
  })

const place = { x: 0, y: 1, width: 12, height: 6 }
const body = {
  start: '-PT30M',
  widgets: [
    {
      ...{ type: 'metric', ...place },
      properties: {
        ...{ title: 'Sales', view: 'timeSeries', stacked: true, yAxis: { left: { min: 0 } } },
        metrics: [
          ['Shop', 'Sales', 'Function', 'metrics', { id: 'sales', stat: 'Sum', label: 'sold', period: 60 }],
          [{ expression: 'FILL(sales, 0) * 2', label: 'twice', period: 60 }],
          ['AWS/RDS', 'CPUUtilization', { yAxis: 'right' }],
          [{ expression: 'SEARCH("x", "Sum")', label: 'found' }],
        ],
      },
    },
    {
      ...{ type: 'alarm', ...place },
      properties: {
        title: 'Alarms',
        alarms: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:Errors-alarm', '(known in AWS only)'],
      },
    },
    { type: 'text', ...place, properties: { markdown: '# Shop' } },
    { type: 'log', ...place, properties: { title: 'Logs', query: 'fields @message' } },
  ],
}

/** What is answered, as far as tests look into it. */
interface Answered {
  readonly message: string
  readonly alarms: readonly unknown[]
  readonly name: string
  readonly from: string
  readonly to: string
  readonly widgets: readonly {
    readonly lines: readonly {
      readonly periodSeconds: number
      readonly points: readonly (readonly [number, number])[]
    }[]
  }[]
}

let watched: WatchedCloud
let url: string
beforeEach(async () => {
  watched = await watchedCloud({
    functions: [metricsFunction()],
    alarms: [
      alarmOn('AWS/Lambda', 'Errors', { FunctionName: 'metrics' }),
      alarmOn('AWS/RDS', 'CPUUtilization', {}),
    ],
    dashboards: [dashboard('shop', JSON.stringify(body)), dashboard('broken', { Ref: 'body' })],
  })
  watched.cloud.startMappings()
  url = await watched.cloud.openApi(0)
})
afterEach(() => watched.cloud.stop(0))

async function get(path: string, init?: RequestInit) {
  const response = await fetch(`${url}/cloudwatch${path}`, init)
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answered }
}

describe('GET /cloudwatch/alarms', () => {
  test('gives each alarm with its state and rule, and those that are not evaluated', async () => {
    await watched.invoke({ fail: true })
    await watched.minutes(1)
    const { body: answer } = await get('/alarms')
    expect(answer).toEqual({
      alarms: [
        {
          name: 'Errors-alarm',
          description: 'Something is wrong.',
          state: 'ALARM',
          reason: expect.stringMatching(/^Threshold Crossed: 1 out of the last 1 datapoints/),
          since: '2026-03-28T10:01:00.000Z',
          rule: {
            ...{
              comparison: 'GreaterThanThreshold',
              threshold: 0,
              evaluationPeriods: 1,
              datapointsToAlarm: 1,
            },
            ...{ missing: 'notBreaching', periodSeconds: 60, watched: 'm1', expressions: {} },
            metrics: {
              m1: {
                metric: { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'metrics' } },
                statistic: 'Sum',
              },
            },
          },
        },
      ],
      notEvaluated: [
        { name: 'CPUUtilization-alarm', reason: 'nothing here publishes AWS/RDS CPUUtilization' },
      ],
    })
  })

  test('gives those in one state', async () => {
    expect((await get('/alarms?state=INSUFFICIENT_DATA')).body.alarms).toHaveLength(1)
    expect((await get('/alarms?state=ALARM')).body.alarms).toEqual([])
  })
})

describe('GET /cloudwatch/dashboards', () => {
  test('names them, with what is wrong with one', async () => {
    expect((await get('/dashboards')).body).toEqual({
      dashboards: [
        { name: 'shop', widgets: 4 },
        { name: 'broken', widgets: 0, problem: expect.stringMatching(/^DashboardBody cannot be read: /) },
      ],
    })
  })

  test('gives one as data: each widget where it stands, its lines with their points', async () => {
    await watched.invoke({ sales: 3, atMs: START_MS })
    await watched.minutes(2)
    await watched.invoke({ sales: 4, atMs: START_MS + 2 * MINUTE_MS })
    const from = START_MS - MINUTE_MS
    const { status, body: answer } = await get(`/dashboards/shop?from=${from}&to=2026-03-28T10:03:00Z`)
    expect(status).toBe(200)
    const [sales, alarms, text, log] = answer.widgets
    expect([answer.name, answer.from, answer.to]).toEqual([
      'shop',
      '2026-03-28T09:59:00.000Z',
      '2026-03-28T10:03:00.000Z',
    ])
    const { lines, ...widget } = sales ?? {}
    expect(widget).toEqual({
      ...{ type: 'metric', title: 'Sales', ...place },
      ...{ view: 'timeSeries', stacked: true, yAxis: { left: { min: 0 } } },
    })
    const at = (minute: number) => START_MS + minute * MINUTE_MS
    expect(lines).toEqual([
      {
        ...{ label: 'sold', yAxis: 'left', periodSeconds: 60, statistic: 'Sum', published: true },
        ...{ namespace: 'Shop', name: 'Sales', dimensions: { Function: 'metrics' } },
        points: [
          [at(0), 3],
          [at(2), 4],
        ],
      },
      {
        ...{ label: 'twice', yAxis: 'left', periodSeconds: 60, expression: 'FILL(sales, 0) * 2' },
        points: [
          [at(-1), 0],
          [at(0), 6],
          [at(1), 0],
          [at(2), 8],
        ],
      },
      {
        ...{ label: 'CPUUtilization', yAxis: 'right', periodSeconds: 300, statistic: 'Average' },
        ...{ namespace: 'AWS/RDS', name: 'CPUUtilization', dimensions: {}, published: false, points: [] },
      },
      {
        ...{
          label: 'found',
          yAxis: 'left',
          periodSeconds: 300,
          expression: 'SEARCH("x", "Sum")',
          points: [],
        },
        problem: 'SEARCH("x", "Sum"): SEARCH with these arguments is not known here',
      },
    ])
    expect(alarms).toEqual({
      ...{ type: 'alarm', title: 'Alarms', ...place },
      alarms: [
        { name: 'Errors-alarm', state: 'OK' },
        { name: '(known in AWS only)', state: null },
      ],
    })
    expect(text).toEqual({ type: 'text', ...place, markdown: '# Shop' })
    expect(log).toEqual({ type: 'log', title: 'Logs', ...place })
  })

  test('begins where the dashboard does, and takes another period for all lines', async () => {
    await watched.invoke({ sales: 3, atMs: START_MS })
    await watched.minutes(1)
    const { body: answer } = await get('/dashboards/shop?period=1800')
    expect(answer.from).toBe('2026-03-28T09:31:00.000Z')
    expect(answer.widgets[0]?.lines[0]).toMatchObject({ periodSeconds: 1_800, points: [[START_MS, 3]] })
  })

  test('makes periods longer where a line would have too many points', async () => {
    const { body: answer } = await get('/dashboards/shop?from=-P1W')
    const line = answer.widgets[0]?.lines[1]
    expect(Number(line?.periodSeconds) % 60).toBe(0)
    expect(line?.points.length).toBeLessThanOrEqual(1_501)
  })
})

describe('what is asked wrongly', () => {
  test.each([
    ['/alarms?state=red', 400, 'state is "red"; it takes OK, ALARM, INSUFFICIENT_DATA.'],
    ['/alarms?name=x', 400, 'name is no parameter here; it takes state.'],
    ['/dashboards?from=-PT1H', 400, 'from is no parameter here; it takes none.'],
    ['/dashboards/shop?from=yesterday', 400, 'from is "yesterday"; it takes a time'],
    ['/dashboards/shop?from=-PT1H&to=tomorrow', 400, 'to is "tomorrow"; it takes a time'],
    ['/dashboards/shop?from=99999999999999999999', 400, 'from is "99999999999999999999"; it takes a time'],
    ['/dashboards/shop?from=-PT1H&to=-PT2H', 400, 'from (-PT1H) is not before to (-PT2H).'],
    ['/dashboards/shop?period=0', 400, 'period is "0"; it takes seconds, such as 60.'],
    ['/dashboards/none', 404, 'There is no dashboard none; there are: shop, broken.'],
    ['/dashboards/%E0', 404, 'There is no dashboard %E0; there are: shop, broken.'],
    ['/metrics', 404, 'There is no /cloudwatch/metrics here;'],
    ['', 404, 'There is no /cloudwatch here;'],
  ])('%s is answered with %i and a sentence', async (path, status, message) => {
    const answer = await get(path)
    expect(answer.status).toBe(status)
    expect(answer.body.message).toContain(message)
  })

  test('nothing can be written', async () => {
    const answer = await get('/alarms', { method: 'DELETE' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET'])
  })
})

describe('a page', () => {
  test('of this machine may read, one of another may not', async () => {
    const own = await get('/alarms', { headers: { origin: 'http://localhost:8080' } })
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'http://localhost:8080',
    ])
    const other = await get('/alarms', { headers: { origin: 'https://shop.example' } })
    expect([other.status, other.body]).toEqual([
      403,
      { message: 'Only pages of this machine may read this.' },
    ])
  })
})
