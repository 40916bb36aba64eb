import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { mappingUuid } from '../../../../local/cloud/account.ts'
import { LocalCloud } from '../../../../local/cloud/cloud.ts'
import type { MappingResource } from '../../../../local/cloud/mapping/mapping-resource.ts'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { ownDir } from '../../../helpers/stoppable.ts'
import { until } from '../../until.ts'
import { mappingOf, metricsFunction } from '../cloudwatch/watched-cloud.ts'
import { localClient } from '../local-client.ts'
import { committed, fill } from '../mapping/mapping-parts.ts'

const MAPPING = mappingUuid('mapping')

let kafka: TestKafka
let topic: string
let cloud: LocalCloud
let client: LambdaClient

beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())
beforeEach(async () => {
  topic = await kafka.freshTopic('switched', { partitions: 1 })
})
afterEach(async () => {
  client.destroy()
  await cloud.stop(0)
})

async function open(mapping: Partial<MappingResource> = {}, bootstrapServers = kafka.bootstrapServers) {
  const directory = await ownDir('switched')
  const nothing = () => undefined
  cloud = new LocalCloud({
    template: {
      ...{ topics: [], schedules: [], triggers: [] },
      functions: [metricsFunction()],
      mappings: [mappingOf(topic, mapping)],
    },
    bootstrapServers,
    logDirectory: `${directory}/logs`,
    variables: () => ({}),
    events: { retrying: nothing, waiting: nothing, reading: nothing, scheduled: nothing },
  })
  cloud.startMappings()
  client = new LambdaClient(localClient(await cloud.openApi(0)))
}

const get = (UUID = MAPPING) => client.send(new GetEventSourceMappingCommand({ UUID }))
const isNow = (state: string) => until(async () => (await get()).State === state)
const enable = (Enabled: boolean) =>
  client.send(new UpdateEventSourceMappingCommand({ UUID: MAPPING, Enabled }))
const isCommitted = (offset: number) =>
  until(async () => (await committed(kafka, `group-${topic}`, topic))[0] === offset)
const members = async () => (await kafka.admin.describeGroups([`group-${topic}`])).groups[0]?.members.length

describe('a mapping', () => {
  test('that is disabled leaves its group with what was done committed, and resumes there', async () => {
    await open()
    await fill(kafka, topic, 0, 3)
    await isCommitted(3)
    await isNow('Enabled')
    await until(async () => (await get()).LastProcessingResult === 'OK')

    expect(await enable(false)).toMatchObject({ State: 'Disabling' })
    await isNow('Disabled')
    expect(await members()).toBe(0)
    expect(await committed(kafka, `group-${topic}`, topic)).toEqual([3])

    await fill(kafka, topic, 0, 4, 3)
    await kafka.setOffsets({
      groupId: `group-${topic}`,
      topic,
      partitions: [{ partition: 0, offset: '5' }],
    })
    expect(await enable(true)).toMatchObject({ State: 'Enabling' })
    await isNow('Enabled')
    await isCommitted(7)
    expect(await members()).toBe(1)
  })

  test('that the template has disabled stands still until it is enabled', async () => {
    await open({ enabled: false })
    await fill(kafka, topic, 0, 2)
    expect(await get()).toMatchObject({ State: 'Disabled', LastProcessingResult: 'No records processed' })
    await enable(true)
    await isCommitted(2)
  })

  test('has no lag among the metrics while it is disabled', async () => {
    await open()
    await fill(kafka, topic, 0, 1)
    await isCommitted(1)
    const disabled: string[] = []
    const { mappingDisabled } = cloud.cloudWatch
    cloud.cloudWatch.mappingDisabled = (mapping) => {
      disabled.push(mapping.name)
      mappingDisabled.call(cloud.cloudWatch, mapping)
    }
    await enable(false)
    await isNow('Disabled')
    expect(disabled).toEqual(['mapping'])
  })

  test('whose broker is away says so, and can be disabled all the same', async () => {
    await open({}, '127.0.0.1:1')
    expect(await get()).toMatchObject({ State: 'Creating' })
    await expect(enable(false)).rejects.toMatchObject({ name: 'ResourceInUseException' })
    await isNow('Enabled')
    expect((await get()).LastProcessingResult).toMatch(/^PROBLEM: Connection error: /)
    await enable(false)
    await isNow('Disabled')
  })
})

describe('what is said of a mapping', () => {
  test('is what the template says', async () => {
    await open({
      ...{
        enabled: false,
        windowSeconds: 5,
        reportBatchItemFailures: true,
        filters: ['{"value":{"a":[1]}}'],
      },
      pollers: { minimum: 1, maximum: 3 },
      errorControls: {
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: 2,
        maximumRecordAgeSeconds: 60,
        onFailure: { kind: 'sqs', name: 'rejected' },
      },
    })
    const { $metadata, LastModified, ...found } = await get()
    expect(LastModified).toBeInstanceOf(Date)
    // The AWS CLI takes no shorter one.
    expect(found.UUID).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(found).toEqual({
      UUID: MAPPING,
      EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${MAPPING}`,
      EventSourceArn: expect.stringMatching(/^arn:aws:kafka:/),
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:metrics',
      Topics: [topic],
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: `group-${topic}` },
      State: 'Disabled',
      StateTransitionReason: 'USER_INITIATED',
      LastProcessingResult: 'No records processed',
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 2,
      MaximumRecordAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:rejected' } },
      ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 3 },
      FilterCriteria: { Filters: [{ Pattern: '{"value":{"a":[1]}}' }] },
    })
  })

  test('is listed by function', async () => {
    await open({ enabled: false })
    const of = async (FunctionName?: string) =>
      (await client.send(new ListEventSourceMappingsCommand({ FunctionName }))).EventSourceMappings?.map(
        ({ UUID }) => UUID,
      )
    expect(await of()).toEqual([MAPPING])
    expect(await of('arn:aws:lambda:us-east-1:000000000000:function:metrics')).toEqual([MAPPING])
    expect(await of('another')).toEqual([])
  })
})

describe('what cannot be done is refused as Lambda refuses it', () => {
  test('an unknown mapping', async () => {
    await open({ enabled: false })
    await expect(get('nobody')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining(`There are ${MAPPING}.`),
    })
  })

  test("a change of what is the template's", async () => {
    await open({ enabled: false })
    const change = (input: object) =>
      client.send(new UpdateEventSourceMappingCommand({ UUID: MAPPING, ...input }))
    await expect(change({ Enabled: true, BatchSize: 7 })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'BatchSize cannot be changed here, only Enabled: change it in the template.',
    })
    await expect(change({ FunctionName: 'another' })).rejects.toThrow('it is metrics in the template')
    expect((await get()).State).toBe('Disabled')
  })
})
