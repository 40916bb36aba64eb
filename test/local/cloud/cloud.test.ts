import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { LocalCloud } from '../../../local/cloud/cloud.ts'
import type { FunctionResource } from '../../../local/cloud/lambda/function-resource.ts'
import type { Template } from '../../../local/cloud/template/template.ts'
import { type TestKafka, testKafka } from '../../helpers/kafka.ts'
import { until } from '../until.ts'

let kafka: TestKafka
let directory: string
const clouds: LocalCloud[] = []

beforeAll(async () => {
  kafka = await testKafka()
  directory = await mkdtemp(join(tmpdir(), 'keeper-cloud-'))
})
afterAll(async () => {
  await kafka.close()
  await rm(directory, { recursive: true, force: true })
})
afterEach(async () => {
  await Promise.all(clouds.splice(0).map((cloud) => cloud.stop(0)))
})

const functionOf = (name: string): FunctionResource => ({
  id: `stack/${name}`,
  name,
  codeDirectory: join(import.meta.dirname, 'fixtures', 'faults'),
  handler: `index.${name}`,
  timeoutSeconds: 30,
  memoryMb: 128,
  environment: { NAME: name, MISSING: undefined },
})

const empty: Template = { topics: [], functions: [], mappings: [], schedules: [], triggers: [] }

function cloudOf(template: Partial<Template>) {
  const scheduled: [string, string | undefined][] = []
  const nothing = () => undefined
  const cloud = new LocalCloud({
    template: { ...empty, ...template },
    bootstrapServers: kafka.bootstrapServers,
    logDirectory: directory,
    variables: ({ NAME }) => ({ NAME_HERE: String(NAME) }),
    events: {
      retrying: nothing,
      waiting: nothing,
      reading: nothing,
      scheduled: (name, error) => scheduled.push([name, error]),
    },
  })
  clouds.push(cloud)
  return { cloud, scheduled }
}

const topicName = () => `cloud-${randomBytes(5).toString('hex')}`

describe('deploy', () => {
  test('makes the topics and invokes what a deployment invokes', async () => {
    const name = topicName()
    const { cloud } = cloudOf({
      topics: [{ name, partitions: 2, configs: {} }],
      functions: [functionOf('prints')],
      triggers: ['stack/prints'],
    })
    await cloud.deploy()
    expect(await kafka.admin.listTopics()).toContain(name)
  })

  test('fails with the function and its error', async () => {
    const { cloud } = cloudOf({ functions: [functionOf('throwsError')], triggers: ['stack/throwsError'] })
    await expect(cloud.deploy()).rejects.toMatchObject({
      code: 'deploy_failed',
      message: 'throwsError: no such thing',
    })
  })
})

describe('a template that contradicts itself', () => {
  test('is refused with the name of the function that it lacks', () => {
    const mapping = {
      name: 'mapping',
      functionId: 'stack/nobody',
      topic: 't',
      consumerGroupId: 'g',
      batchSize: 1,
      windowSeconds: 0,
      startingPosition: 'LATEST' as const,
      reportBatchItemFailures: false,
    }
    expect(() => cloudOf({ mappings: [mapping] })).toThrow('names the function stack/nobody')
  })
})

describe('functions', () => {
  test("have Lambda's own variables, the local ones, and nothing else", async () => {
    const { cloud } = cloudOf({ functions: [functionOf('environment')] })
    const outcome = await cloud.functions[0]?.invoke('{}')
    expect(outcome?.ok && JSON.parse(outcome.payload)).toEqual({
      PATH: process.env.PATH,
      TZ: 'UTC',
      LANG: 'en_US.UTF-8',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'environment',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      NAME_HERE: 'environment',
    })
  })
})

test('functions find the AWS APIs of this machine once they are open', async () => {
  const { cloud } = cloudOf({ functions: [functionOf('environment')] })
  const url = await cloud.openApi(0)
  const outcome = await cloud.functions[0]?.invoke('{}')
  expect(outcome?.ok && JSON.parse(outcome.payload)).toMatchObject({ AWS_ENDPOINT_URL: url })
})

const scheduleOf = (name: string) => ({
  name: `${name}-schedule`,
  functionId: `stack/${name}`,
  expression: 'rate(1 hour)',
  timeZone: 'UTC',
  input: '{"ms":1500}',
})

describe('schedules', () => {
  test('tell how each run ended', async () => {
    const { cloud, scheduled } = cloudOf({
      functions: [functionOf('echo'), functionOf('throwsError')],
      schedules: [scheduleOf('echo'), scheduleOf('throwsError')],
    })
    cloud.startSchedules()
    await until(() => scheduled.length >= 2)
    expect(scheduled.sort()).toEqual([
      ['echo', undefined],
      ['throwsError', 'no such thing'],
    ])
  })

  test('do not start a run while the one before goes on', async () => {
    const { cloud, scheduled } = cloudOf({
      functions: [functionOf('overlap')],
      schedules: [scheduleOf('overlap')],
    })
    const startedAt = Date.now()
    cloud.startSchedules(() => 100)
    await until(() => scheduled.length >= 2)
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(3_000)
  })
})

describe('schedules that come twice', () => {
  test('run the function twice with the same scheduled time, and skip no firing for it', async () => {
    const input = '{"ms":200,"scheduledTime":"<aws.scheduler.scheduled-time>"}'
    const { cloud, scheduled } = cloudOf({
      functions: [functionOf('overlap')],
      schedules: [{ ...scheduleOf('overlap'), input }],
    })
    const payloads: string[] = []
    const [target] = cloud.functions
    if (!target) throw new Error('There is no function')
    const invoke = target.invoke.bind(target)
    target.invoke = (payload, requestId) => {
      payloads.push(payload.toString())
      return invoke(payload, requestId)
    }
    cloud.startSchedules(() => 100, true)
    await until(() => scheduled.length >= 4)
    const [first, again, next, nextAgain] = payloads.map((payload) => JSON.parse(payload).scheduledTime)
    expect(first).toMatch(/^\d{4}-.*Z$/)
    expect([again, nextAgain]).toEqual([first, next])
    expect(next).not.toBe(first)
  })
})

describe('stop', () => {
  test('ends a handler that hangs once the grace is over, commits nothing of it, and leaves no process', async () => {
    const topic = await kafka.freshTopic('hung', { partitions: 1 })
    await kafka.produce(topic, [{ value: '1' }])
    const consumerGroupId = `group-${topic}`
    const { cloud } = cloudOf({
      functions: [functionOf('hangs')],
      mappings: [
        {
          name: 'mapping',
          functionId: 'stack/hangs',
          topic,
          consumerGroupId,
          batchSize: 10,
          windowSeconds: 0,
          startingPosition: 'TRIM_HORIZON',
          reportBatchItemFailures: false,
        },
      ],
    })
    const [target] = cloud.functions
    if (!target) throw new Error('There is no function')
    const begun = new Promise<void>((resolve) => {
      const invoke = target.invoke.bind(target)
      target.invoke = (payload, requestId) => {
        resolve()
        return invoke(payload, requestId)
      }
    })
    cloud.startMappings()
    await begun
    await cloud.stop(500)
    const [offsets] = await kafka.admin.fetchOffsets({ groupId: consumerGroupId, topics: [topic] })
    expect(offsets?.partitions.map(({ offset }) => offset)).toEqual(['-1'])
    const { groups } = await kafka.admin.describeGroups([consumerGroupId])
    expect(groups[0]?.members).toEqual([])
  })

  test('closes the API', async () => {
    const { cloud } = cloudOf({ functions: [functionOf('echo')] })
    const url = await cloud.openApi(0)
    expect((await fetch(`${url}/2015-03-31/functions`)).status).toBe(200)
    await cloud.stop()
    await expect(fetch(`${url}/2015-03-31/functions`)).rejects.toThrow('fetch failed')
  })
})
