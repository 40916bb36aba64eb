import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Template } from 'aws-cdk-lib/assertions'
import { anchorsOf } from '../../lib/runbook-rules.ts'
import { build, resourcesByPath, templatesOf } from './synthesized.ts'

const sizes = ['dev', 'small', 'large']
const alarmsOf = (size: string) =>
  new Map(
    [...resourcesByPath(templatesOf(size).monitoring, 'AWS::CloudWatch::Alarm')].map(
      ([path, { Properties }]) => [path.replace('/Resource', ''), Properties],
    ),
  )
const alarms = alarmsOf('small')
const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')

describe('the alarms', () => {
  test.each(sizes)('have in %s exactly the sections that the runbook has', (size) => {
    const sections = [...alarmsOf(size).values()].map(
      ({ AlarmDescription }) => String(AlarmDescription).split('docs/runbook.md#')[1],
    )
    expect([...new Set(sections)].sort()).toEqual(anchorsOf(runbook).sort())
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
      `${name}-nearly-forgotten`,
      `${name}-rejected`,
      `${name}-stalled`,
    ]
    expect([...alarms.keys()].sort()).toEqual(
      [
        ...asking('price-check'),
        ...asking('deal-collector'),
        ...producer('daily-deal-report'),
        ...consumer('price-consumer'),
        ...consumer('deal-consumer'),
        'database-connections',
        'database-cpu',
        'database-storage',
        'kafka-cpu',
        'kafka-disk',
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
  ])('see in %s that a consumer is %i seconds behind', (size, seconds) => {
    expect(alarmsOf(size).get('price-consumer-behind')).toMatchObject({
      Metrics: [
        {
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Kafka',
              MetricName: 'EstimatedMaxTimeLag',
              Dimensions: expect.arrayContaining([
                { Name: 'Consumer Group', Value: 'keeper-consumer-group' },
                { Name: 'Topic', Value: 'price-updates' },
              ]),
            },
          },
        },
      ],
      Threshold: seconds,
      ComparisonOperator: 'GreaterThanThreshold',
    })
  })

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
  const dashboards = resourcesByPath(templatesOf('small').monitoring, 'AWS::CloudWatch::Dashboard')

  test('are an overview and one for each step', () => {
    expect([...dashboards.keys()].map((path) => path.replace('-dashboard/Resource', '')).sort()).toEqual([
      'daily-deal-report',
      'database',
      'deal-collector',
      'deal-consumer',
      'kafka',
      'overview',
      'price-check',
      'price-consumer',
    ])
  })

  test.each(['Are prices fresh?', 'Is anything lost?', 'What does it cost me?'])(
    'answer in the overview: %s',
    (question) => {
      expect(JSON.stringify(dashboards.get('overview-dashboard/Resource'))).toContain(question)
    },
  )

  test('show every alarm in the overview', () => {
    const body = JSON.stringify(dashboards.get('overview-dashboard/Resource'))
    expect(body.match(/Fn::GetAtt/g)?.length).toBeGreaterThanOrEqual(alarms.size)
  })
})
