import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Template } from 'aws-cdk-lib/assertions'
import { PROFILES, type SizeProfile } from '../../lib/config.ts'
import { anchorsOf } from '../../lib/runbook-rules.ts'
import { build, resourcesByPath, SEARCHED, templatesOf, widgetsOf } from './synthesized.ts'

const sizes = ['dev', 'small', 'large']
const alarmsOf = (size: string, context = {}) =>
  new Map(
    [...resourcesByPath(templatesOf(size, context).monitoring, 'AWS::CloudWatch::Alarm')].map(
      ([path, { Properties }]) => [path.replace('/Resource', ''), Properties],
    ),
  )
const alarms = alarmsOf('small')
const ageOf = (consumer: string) => ({
  Namespace: 'Keeper',
  MetricName: 'RecordAgeSeconds',
  Dimensions: [
    { Name: 'Function', Value: consumer },
    { Name: 'Stage', Value: 'dev' },
  ],
})
const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')

describe('the alarms', () => {
  const sectionsOf = (size: string, context = {}) =>
    [...alarmsOf(size, context).values()].map(
      ({ AlarmDescription }) => String(AlarmDescription).split('docs/runbook.md#')[1],
    )

  test.each(sizes)('have in %s no section that the runbook lacks', (size) => {
    expect(anchorsOf(runbook)).toEqual(expect.arrayContaining(sectionsOf(size)))
  })

  test('have in one size or another, with search or without, every section of the runbook', () => {
    expect(
      [...new Set([...sizes.flatMap((size) => sectionsOf(size)), ...sectionsOf('small', SEARCHED)])].sort(),
    ).toEqual(anchorsOf(runbook).sort())
  })

  test('say in their section what happened, how to look into it and what to do', () => {
    for (const section of runbook.split(/^## /m).slice(1)) {
      expect([...section.matchAll(/^\*\*(\w+)\.\*\* /gm)].map(([, heading]) => heading)).toEqual([
        'Description',
        'Investigation',
        'Resolution',
      ])
    }
  })

  test('are a sentence and a link', () => {
    for (const { AlarmDescription } of alarms.values()) {
      expect(AlarmDescription).toMatch(/^[\w][^#]*\. docs\/runbook\.md#[a-z-]+$/)
    }
  })

  test('say what silence means, and tell the topic when they start and end', () => {
    for (const { TreatMissingData, AlarmActions, OKActions } of alarms.values()) {
      expect(TreatMissingData).toBeDefined()
      expect(AlarmActions).toHaveLength(1)
      expect(OKActions).toEqual(AlarmActions)
    }
  })

  test('are these', () => {
    const run = (name: string) => ['duration', 'errors', 'throttles'].map((kind) => `${name}-${kind}`)
    const producer = (name: string) => [
      ...run(name),
      `${name}-failed-runs`,
      `${name}-not-sent`,
      `${name}-silent`,
    ]
    const asking = (name: string) => [...producer(name), `${name}-keepa-refuses`, `${name}-keepa-tokens`]
    const consumer = (name: string) => [
      ...run(name),
      `${name}-behind`,
      `${name}-missed`,
      `${name}-nearly-forgotten`,
      `${name}-rejected`,
      `${name}-stalled`,
      `${name}-stores-nothing`,
    ]
    expect([...alarms.keys()].sort()).toEqual(
      [
        ...asking('price-check'),
        ...asking('history-import'),
        ...asking('deal-collector'),
        'deal-collector-sends-nothing',
        ...producer('daily-deal-report'),
        ...run('maintenance'),
        'maintenance-failed-runs',
        'maintenance-months-missing',
        'maintenance-silent',
        ...consumer('price-consumer'),
        ...consumer('deal-consumer'),
        ...run('notifier'),
        'notifier-deliveries-failing',
        'notifier-failed-runs',
        'notifier-late',
        'notifier-silent',
        'notifier-stopped',
        ...run('mail-events'),
        'mail-events-failed-runs',
        'mail-bounces',
        'mail-complaints',
        'database-connections',
        'database-cpu',
        'database-cpu-credits',
        'database-memory',
        'database-storage',
        'kafka-controller',
        'kafka-cpu',
        'kafka-disk',
        'kafka-disk-credits',
        'kafka-sends-refused',
        'kafka-partitions-offline',
        'kafka-replicas-behind',
      ].sort(),
    )
  })

  test('see that no price event came for longer than the schedule and an hour', () => {
    expect(alarms.get('price-check-silent')).toMatchObject({
      Metrics: [
        {
          MetricStat: {
            Metric: {
              Namespace: 'Keeper',
              MetricName: 'EventsSent',
              Dimensions: [
                { Name: 'Function', Value: 'price-check' },
                { Name: 'Stage', Value: 'dev' },
              ],
            },
            Stat: 'Sum',
            Period: 3600,
          },
        },
      ],
      EvaluationPeriods: 7,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    })
  })

  test.each([
    ['dev', 1800],
    ['small', 900],
    ['large', 300],
  ])('see in %s that a consumer stores records that are %i seconds old', (size, seconds) => {
    expect(alarmsOf(size).get('price-consumer-behind')).toMatchObject({
      Metrics: [{ MetricStat: { Metric: ageOf('price-consumer'), Stat: 'Maximum', Period: 300 } }],
      Threshold: seconds,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    })
  })

  test('see that a consumer stores records for an hour that Kafka is about to forget', () => {
    expect(alarms.get('deal-consumer-nearly-forgotten')).toMatchObject({
      Metrics: [{ MetricStat: { Metric: ageOf('deal-consumer'), Stat: 'Maximum', Period: 300 } }],
      Threshold: 5 * 24 * 3600,
      EvaluationPeriods: 12,
    })
  })

  test.each([
    ['stalled', 'Invocations', 600, 3],
    ['stores-nothing', 'RecordsReceived', 3600, 6],
  ])(
    'see by %s that a consumer has records to read and no %s, whoever says how many',
    (kind, metric, seconds, periods) => {
      const { Metrics, ...alarm } = alarms.get(`price-consumer-${kind}`) ?? {}
      const [watched, ...inputs] = Metrics as {
        Expression?: string
        MetricStat?: { Metric: { MetricName: string }; Period: number }
      }[]
      expect(watched?.Expression).toBe(
        'IF((FILL(unread, 0) > 0 OR FILL(lag, 0) > 0) AND FILL(done, 0) == 0, 1, 0)',
      )
      expect(inputs.map(({ MetricStat }) => [MetricStat?.Metric.MetricName, MetricStat?.Period])).toEqual([
        ['OffsetLag', seconds],
        ['SumOffsetLag', seconds],
        [metric, seconds],
      ])
      expect(inputs[1]?.MetricStat?.Metric).toMatchObject({
        Dimensions: expect.arrayContaining([
          { Name: 'Consumer Group', Value: 'keeper-consumer-group' },
          { Name: 'Topic', Value: 'price-updates' },
        ]),
      })
      expect(alarm).toMatchObject({ Threshold: 0, EvaluationPeriods: periods })
    },
  )

  test('go to the address that the context names', () => {
    const { monitoring } = build({ alarmEmail: 'ops@example.com' })
    Template.fromStack(monitoring).hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    })
  })

  test('link to the runbook at the address that the context names', () => {
    const template = Template.fromStack(build({ runbookUrl: 'https://example.com/runbook.md' }).monitoring)
    for (const { Properties } of Object.values(template.findResources('AWS::CloudWatch::Alarm'))) {
      expect(Properties.AlarmDescription).toContain(' https://example.com/runbook.md#')
    }
  })
})

describe('the dashboards', () => {
  const overview = widgetsOf(templatesOf('small').monitoring, 'overview')
  const dashboards = resourcesByPath(templatesOf('small').monitoring, 'AWS::CloudWatch::Dashboard')

  test('are an overview and one for each step', () => {
    expect([...dashboards.keys()].map((path) => path.replace('-dashboard/Resource', '')).sort()).toEqual([
      'daily-deal-report',
      'database',
      'deal-collector',
      'deal-consumer',
      'history-import',
      'kafka',
      'mail',
      'maintenance',
      'notifier',
      'overview',
      'price-check',
      'price-consumer',
    ])
  })

  const producers = ['price-check', 'history-import', 'deal-collector', 'daily-deal-report']
  const consumers = ['price-consumer', 'deal-consumer']
  const of = (functions: readonly string[], ...metrics: string[]) =>
    functions.flatMap((name) => metrics.map((metric) => `${metric} of ${name}`))

  test.each<[string, string[]]>([
    [
      'Are prices fresh?',
      [...of(producers, 'EventsSent'), ...of(consumers, 'HistoryRowsStored', 'RecordAgeSeconds')],
    ],
    [
      'Is anything lost?',
      [
        ...of(producers, 'EventsNotSent'),
        ...of(consumers, 'RecordsMissed'),
        ...of(consumers, 'RecordsRejected'),
        ...of(['notifier'], 'MessagesFailed'),
      ],
    ],
    ['What does it cost me?', of(['price-check', 'history-import', 'deal-collector'], 'KeepaTokensLeft')],
  ])('answer in the overview by what the functions count: %s', (question, metrics) => {
    const widget = overview.find(({ title }) => title?.startsWith(question))
    const own = (widget?.metrics ?? []).filter(([namespace]) => namespace === 'Keeper')
    expect(own.map(([, metric, , name]) => `${metric} of ${name}`).sort()).toEqual([...metrics].sort())
  })

  test.each([
    ['Is anything lost?', { 'AWS/SQS ApproximateNumberOfMessagesVisible': 7 }],
    [
      'What does it cost me?',
      { 'AWS/Lambda Duration': 9, 'AWS/Kafka BytesInPerSec': 3, 'AWS/RDS WriteIOPS': 1 },
    ],
  ])('answer in the overview by what AWS counts: %s', (question, metrics) => {
    const widget = overview.find(({ title }) => title?.startsWith(question))
    const counts: Record<string, number> = {}
    for (const [namespace, metric] of widget?.metrics ?? []) {
      if (typeof namespace !== 'string' || namespace === 'Keeper') continue
      counts[`${namespace} ${metric}`] = (counts[`${namespace} ${metric}`] ?? 0) + 1
    }
    expect(counts).toEqual(metrics)
  })

  test('show every alarm in the overview', () => {
    const ids = Object.keys(templatesOf('small').monitoring.findResources('AWS::CloudWatch::Alarm'))
    const shown = overview.find(({ title }) => title === 'Alarms')?.alarms ?? []
    expect([...shown].sort()).toEqual(ids.sort())
  })

  test('show more alarms than a widget takes in several', () => {
    const whole = { ...SEARCHED, publicLinks: 'on' }
    const kafka = {
      ...PROFILES.large.kafka,
      brokers: { ...PROFILES.large.kafka.brokers, count: 12 },
    } as SizeProfile['kafka']
    const template = Template.fromStack(build({ size: 'large', ...whole }, { kafka }).monitoring)
    const ids = Object.keys(template.findResources('AWS::CloudWatch::Alarm'))
    const widgets = widgetsOf(template, 'overview').filter(({ title }) => title === 'Alarms')
    expect(ids.length).toBeGreaterThan(100)
    expect(widgets.map(({ alarms }) => alarms?.length)).toEqual([100, ids.length - 100])
    expect(widgets.flatMap(({ alarms = [] }) => alarms).sort()).toEqual(ids.sort())
  })
})
