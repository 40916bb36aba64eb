import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readApp } from '../../local/app/stacks.ts'
import { LocalCloud } from '../../local/cloud/cloud.ts'
import type { Template } from '../../local/cloud/template/template.ts'
import { keeperTemplate } from '../../local/keeper-template.ts'
import { build, MAIL_FROM } from '../lib/synthesized.ts'

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
      { name: 'mail-mails', eventTypes: ['BOUNCE', 'COMPLAINT', 'REJECT', 'RENDERING_FAILURE'] },
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
