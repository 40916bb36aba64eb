import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  GetEventSourceMappingCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readApp } from '../../local/app/stacks.ts'
import { mappingUuid } from '../../local/cloud/account.ts'
import { LocalCloud } from '../../local/cloud/cloud.ts'
import type { Template } from '../../local/cloud/template/template.ts'
import { keeperTemplate } from '../../local/keeper-template.ts'
import { testKafka } from '../helpers/kafka.ts'
import { build, MAIL_FROM } from '../lib/synthesized.ts'
import { scheduledKeeper, withWords } from './absence.ts'
import { metricsFunction, watchedCloud } from './cloud/cloudwatch/watched-cloud.ts'
import { localClient } from './cloud/local-client.ts'
import { committed, fill } from './cloud/mapping/mapping-parts.ts'
import { until } from './until.ts'

let directory: string
let template: Template
let cloud: LocalCloud

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keeper-template-'))
  const { monitoring } = build({ size: 'dev' })
  const { directory: assembly } = (monitoring.node.root as unknown as App).synth()
  template = keeperTemplate(await readApp(assembly), {
    bootstrapServers: '127.0.0.1:1',
    databaseUrl: 'postgresql://localhost/keeper',
  })
  const nothing = () => undefined
  cloud = new LocalCloud({
    template,
    bootstrapServers: '127.0.0.1:1',
    logDirectory: join(directory, 'logs'),
    variables: () => ({}),
    events: { retrying: nothing, waiting: nothing, reading: nothing, scheduled: nothing },
  })
})
afterAll(async () => {
  await cloud.stop(0)
  await rm(directory, { recursive: true, force: true })
})

interface App {
  synth(): { readonly directory: string }
}

test('every alarm of the size dev is evaluated, but for those on what only AWS has', () => {
  const { alarms, notEvaluated } = cloud.cloudWatch
  expect(notEvaluated).toEqual([
    { name: 'mail-bounces', reason: 'nothing here publishes AWS/SES Reputation.BounceRate' },
    { name: 'mail-complaints', reason: 'nothing here publishes AWS/SES Reputation.ComplaintRate' },
    { name: 'kafka-controller', reason: 'nothing here publishes AWS/Kafka ActiveControllerCount' },
    { name: 'kafka-cpu', reason: 'nothing here publishes AWS/Kafka CpuUser' },
    {
      name: 'kafka-sends-refused',
      reason: 'nothing here publishes AWS/Kafka UnderMinIsrPartitionCount',
    },
    {
      name: 'kafka-replicas-behind',
      reason: 'nothing here publishes AWS/Kafka UnderReplicatedPartitions',
    },
    { name: 'kafka-disk', reason: 'nothing here publishes AWS/Kafka KafkaDataLogsDiskUsed' },
    { name: 'kafka-disk-credits', reason: 'nothing here publishes AWS/Kafka BurstBalance' },
    { name: 'kafka-cpu-credits', reason: 'nothing here publishes AWS/Kafka CPUCreditBalance' },
    { name: 'database-cpu', reason: 'nothing here publishes AWS/RDS CPUUtilization' },
    { name: 'database-storage', reason: 'nothing here publishes AWS/RDS FreeStorageSpace' },
    { name: 'database-connections', reason: 'nothing here publishes AWS/RDS DatabaseConnections' },
    { name: 'database-memory', reason: 'nothing here publishes AWS/RDS FreeableMemory' },
    { name: 'database-cpu-credits', reason: 'nothing here publishes AWS/RDS CPUCreditBalance' },
  ])
  expect(alarms.length + notEvaluated.length).toBe(template.alarms?.length)
  expect(alarms.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      ...['price-check-silent', 'price-check-failed-runs', 'price-check-errors', 'price-consumer-behind'],
      ...['price-consumer-stalled', 'price-consumer-stores-nothing', 'price-consumer-nearly-forgotten'],
      ...['deal-consumer-rejected', 'mail-events-failed-runs', 'kafka-partitions-offline'],
    ]),
  )
})

test('every dashboard can be read, and its metrics are of the functions here', () => {
  expect(template.dashboards?.map(({ name, problem }) => [name, problem])).toEqual([
    ['overview-dashboard', undefined],
    ['price-check-dashboard', undefined],
    ['history-import-dashboard', undefined],
    ['deal-collector-dashboard', undefined],
    ['daily-deal-report-dashboard', undefined],
    ['price-consumer-dashboard', undefined],
    ['deal-consumer-dashboard', undefined],
    ['maintenance-dashboard', undefined],
    ['notifier-dashboard', undefined],
    ['mail-dashboard', undefined],
    ['kafka-dashboard', undefined],
    ['database-dashboard', undefined],
  ])
  const text = (template.dashboards ?? []).map(({ body }) => body).join()
  expect(text).toContain('"AWS/Lambda","Errors","FunctionName","price-check"')
  expect(text).toContain('000000000000:alarm:price-check-silent')
})

test("SES's events of the template's own mails reach the function that switches addresses off", () => {
  expect(template.mail).toEqual({
    identities: [MAIL_FROM],
    configurationSets: [
      { name: 'mail-mails', eventTypes: ['SEND', 'BOUNCE', 'COMPLAINT', 'REJECT', 'RENDERING_FAILURE'] },
    ],
  })
  const [rule] = template.rules ?? []
  const event = (set: string) => ({
    source: 'aws.ses',
    'detail-type': 'Email Bounced',
    detail: { mail: { tags: { 'ses:configuration-set': [set] } } },
  })
  expect(rule?.matches(event('mail-mails'))).toBe(true)
  expect(rule?.matches(event('of-somebody-else'))).toBe(false)
  expect(rule?.functionIds.map((id) => template.functions.find((each) => each.id === id)?.name)).toEqual([
    'mail-events',
  ])
})

describe('absence is an alarm', () => {
  const MINUTE_MS = 60_000
  /** Runs that find something to do: the price check's resumed ones do not. */
  const sending = (schedule: string) =>
    ['price-check', 'deal-collector'].some((name) => schedule.startsWith(`${name}-schedule`))
      ? { EventsSent: 3 }
      : ({} as Readonly<Record<string, number>>)
  const isResumed = (schedule: string) => schedule.includes('resume')

  test('a schedule that stops is seen within its interval and some periods, and one that does not stop never', async () => {
    const keeper = scheduledKeeper(template, join(directory, 'schedules'), /-silent$|-sends-nothing$/)
    try {
      await keeper.hours(30, () => true, sending)
      expect([...keeper.ringing]).toEqual([])
      const stoppedMs = keeper.nowMs()
      await keeper.hours(31, isResumed, sending)
      const minutes = [...keeper.ringing].map(([name, sinceMs]) => [name, (sinceMs - stoppedMs) / MINUTE_MS])
      const within = Object.fromEntries(minutes)
      for (const [name, most] of [
        ...[['notifier-silent', 20] as const, ['history-import-silent', 20] as const],
        ...[['deal-collector-silent', 4 * 60] as const, ['price-check-silent', 9 * 60] as const],
        ...[['maintenance-silent', 28 * 60] as const, ['daily-deal-report-silent', 29 * 60] as const],
      ]) {
        expect([name, within[name]]).toEqual([name, expect.any(Number)])
        expect(within[name]).toBeLessThanOrEqual(most)
      }
      // Every function that a schedule starts has such an alarm.
      const scheduled = new Set(
        template.schedules.map(
          ({ functionId }) => template.functions.find(({ id }) => id === functionId)?.name ?? functionId,
        ),
      )
      expect([...keeper.ringing.keys()].filter((name) => name.endsWith('-silent')).toSorted()).toEqual(
        [...scheduled].map((name) => `${name}-silent`).toSorted(),
      )
    } finally {
      await keeper.close()
    }
  })

  test('a producer that runs and sends nothing is seen, and a notifier whose messages wait', async () => {
    const names = /^price-check-silent$|^deal-collector-(silent|sends-nothing)$|^notifier-(silent|late)$/
    const keeper = scheduledKeeper(template, join(directory, 'nothing'), names)
    const idle = (schedule: string): Readonly<Record<string, number>> =>
      schedule.startsWith('notifier') ? { OldestDueSeconds: 1_000 } : {}
    try {
      await keeper.hours(2, () => true, sending)
      expect([...keeper.ringing]).toEqual([])
      await keeper.hours(26, () => true, idle)
      expect([...keeper.ringing.keys()].toSorted()).toEqual([
        'deal-collector-sends-nothing',
        'notifier-late',
        'price-check-silent',
      ])
    } finally {
      await keeper.close()
    }
  })

  test('a mapping left disabled is seen within 40 minutes, and a consumer that is invoked and stores nothing within 7 hours', async () => {
    const kafka = await testKafka()
    const topic = await kafka.freshTopic('absence', { partitions: 1 })
    const [mapping] = template.mappings.filter((each) => each.topic === 'price-updates')
    const group = `group-${topic}`
    const words = { 'price-updates': topic, 'keeper-consumer-group': group }
    const names = ['price-consumer-stalled', 'price-consumer-stores-nothing']
    const watched = await watchedCloud(
      {
        functions: [metricsFunction({ id: mapping?.functionId ?? '', name: 'price-consumer' })],
        mappings: mapping ? [{ ...mapping, topic, consumerGroupId: group, windowSeconds: 0 }] : [],
        alarms: (template.alarms ?? [])
          .filter(({ name }) => names.includes(name))
          .map((alarm) => withWords(alarm, words)),
      },
      kafka.bootstrapServers,
    )
    const { cloud: running, cloudWatch, clock, state } = watched
    const minutes = async (count: number) => {
      for (let passed = 0; passed < count; passed += 5) {
        clock.leap(5 * MINUTE_MS)
        await cloudWatch.evaluated()
      }
    }
    /** A look an hour, before which the function was invoked, and failed. */
    const hoursOfFailures = async (count: number) => {
      for (let passed = 0; passed < count; passed += 1) {
        cloudWatch.functionMeasured('price-consumer', 'Invocations', 1, clock.nowMs() + 60 * MINUTE_MS - 1)
        clock.leap(60 * MINUTE_MS)
        await cloudWatch.evaluated()
      }
    }
    const states = () => names.map(state)
    const client = new LambdaClient(localClient(await running.openApi(0)))
    const enable = async (Enabled: boolean) => {
      const UUID = mappingUuid(mapping?.name ?? '')
      await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }))
      await until(
        async () =>
          (await client.send(new GetEventSourceMappingCommand({ UUID }))).State ===
          (Enabled ? 'Enabled' : 'Disabled'),
      )
    }
    const isRead = (offset: number) => until(async () => (await committed(kafka, group, topic))[0] === offset)
    try {
      running.startMappings()
      await fill(kafka, topic, 0, 3)
      await isRead(3)
      await minutes(15)
      expect(states()).toEqual(['OK', 'OK'])
      await enable(false)
      await fill(kafka, topic, 0, 2, 3)
      await minutes(40)
      expect(states()).toEqual(['ALARM', 'OK'])
      await hoursOfFailures(7)
      expect(states()).toEqual(['OK', 'ALARM'])
      await enable(true)
      await isRead(5)
      await minutes(15)
      expect(state('price-consumer-stalled')).toBe('OK')
    } finally {
      client.destroy()
      await running.stop(0)
      await kafka.close()
    }
  })
})
