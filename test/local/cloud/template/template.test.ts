import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mappingUuid } from '../../../../local/cloud/account.ts'
import { NO_ERROR_CONTROLS } from '../../../../local/cloud/mapping/error-controls.ts'
import { readAssembly } from '../../../../local/cloud/template/assembly.ts'
import { readTemplate, type Template } from '../../../../local/cloud/template/template.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keeper-assembly-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

type Resources = Readonly<
  Record<string, { readonly Type: string; readonly Properties?: object; readonly Metadata?: object }>
>

/** Writes one stack as the CDK does, and reads it. */
async function read(resources: Resources): Promise<Template> {
  await writeFile(join(directory, 'app.template.json'), JSON.stringify({ Resources: resources }))
  return readTemplate(await readAssembly(directory))
}

const consumer = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Timeout: 30,
    MemorySize: 512,
    Environment: { Variables: { PLAIN: 'text', REFERENCE: { Ref: 'elsewhere' } } },
  },
  Metadata: { 'aws:cdk:path': 'app/price-consumer/price-consumer/Resource', 'aws:asset:path': 'asset.1' },
}
const mapping = {
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    FunctionName: { Ref: 'consumer' },
    Topics: ['price-updates'],
    StartingPosition: 'TRIM_HORIZON',
    BatchSize: 1000,
    MaximumBatchingWindowInSeconds: 1,
    AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'group' },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 5 },
    MetricsConfig: { Metrics: ['EventCount'] },
  },
}
const schedule = {
  Type: 'AWS::Scheduler::Schedule',
  Properties: {
    ScheduleExpression: 'rate(6 hours)',
    Target: { Arn: { 'Fn::GetAtt': ['consumer', 'Arn'] }, Input: '{"a":1}' },
  },
  Metadata: { 'aws:cdk:path': 'app/price-check/schedule/Resource' },
}
const topic = {
  Type: 'AWS::MSK::Topic',
  Properties: {
    TopicName: 'price-updates',
    PartitionCount: 3,
    Configs: Buffer.from('{"retention.ms":"1000"}').toString('base64'),
  },
  Metadata: { 'aws:cdk:path': 'app/topics/price-updates' },
}

const changed = (resource: { Type: string; Properties: object; Metadata?: object }, properties: object) => ({
  ...resource,
  Properties: { ...resource.Properties, ...properties },
})

describe('a template', () => {
  test('gives topics, functions, mappings, schedules and triggers as they are written', async () => {
    const template = await read({
      topic,
      consumer,
      mapping,
      schedule,
      version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'consumer' } } },
      trigger: { Type: 'Custom::Trigger', Properties: { HandlerArn: { Ref: 'version' } } },
      bucket: { Type: 'AWS::S3::Bucket' },
    })
    expect(template).toEqual({
      topics: [{ name: 'price-updates', partitions: 3, configs: { 'retention.ms': '1000' } }],
      functions: [
        {
          id: 'app/consumer',
          name: 'price-consumer',
          codeDirectory: join(directory, 'asset.1'),
          handler: 'index.handler',
          timeoutSeconds: 30,
          memoryMb: 512,
          environment: { PLAIN: 'text', REFERENCE: undefined },
        },
      ],
      mappings: [
        {
          name: 'app/mapping',
          functionId: 'app/consumer',
          topic: 'price-updates',
          consumerGroupId: 'group',
          batchSize: 1000,
          windowSeconds: 1,
          startingPosition: 'TRIM_HORIZON',
          reportBatchItemFailures: true,
          pollers: { minimum: 2, maximum: 5 },
          errorControls: NO_ERROR_CONTROLS,
          filters: [],
          metricGroups: ['EventCount'],
        },
      ],
      schedules: [
        {
          name: 'price-check-schedule',
          functionId: 'app/consumer',
          expression: 'rate(6 hours)',
          timeZone: 'UTC',
          input: '{"a":1}',
        },
      ],
      triggers: ['app/consumer'],
      alarms: [],
      compositeAlarms: [],
      dashboards: [],
      logMetrics: [],
      queues: [],
      urls: [],
      mail: { identities: [], configurationSets: [] },
      rules: [],
      notEmulated: [],
      undocumented: [],
    })
  })

  test("gives AWS's defaults where it says nothing", async () => {
    const { functions, mappings, topics } = await read({
      consumer: { ...consumer, Properties: { Runtime: 'nodejs24.x', Handler: 'index.handler' } },
      mapping: {
        ...mapping,
        Properties: { FunctionName: { Ref: 'consumer' }, Topics: ['t'], StartingPosition: 'LATEST' },
      },
      topic: { ...topic, Properties: { TopicName: 't' } },
    })
    expect(functions[0]).toMatchObject({ timeoutSeconds: 3, memoryMb: 128, environment: {} })
    expect(mappings[0]).toMatchObject({
      batchSize: 100,
      windowSeconds: undefined,
      reportBatchItemFailures: false,
      consumerGroupId: mappingUuid('app/mapping'),
    })
    expect(topics[0]).toEqual({ name: 't', partitions: 1, configs: {} })
  })

  test('says what begins disabled', async () => {
    const { mappings, schedules } = await read({
      consumer,
      mapping: changed(mapping, { Enabled: false }),
      schedule: changed(schedule, { State: 'DISABLED' }),
    })
    expect([mappings, schedules]).toMatchObject([[{ enabled: false }], [{ enabled: false }]])
  })

  test("is read without functions of other runtimes, without code and of the CDK's own", async () => {
    const { functions } = await read({
      python: changed(consumer, { Runtime: 'python3.14' }),
      inline: { ...consumer, Metadata: {} },
      helper: changed(consumer, { Handler: '__entrypoint__.handler' }),
      framework: changed(consumer, { Handler: 'framework.onEvent' }),
    })
    expect(functions).toEqual([])
  })

  test.each([
    ['Topics', { mapping: changed(mapping, { Topics: [] }) }, 'Topics is []'],
    ['StartingPosition', { mapping: changed(mapping, { StartingPosition: 'OLDEST' }) }, 'is "OLDEST"'],
    [
      'BatchSize',
      { mapping: changed(mapping, { BatchSize: 'nine' }) },
      'BatchSize is "nine"; here it takes a number',
    ],
    ['FunctionName', { mapping: changed(mapping, { FunctionName: 'arn:x' }) }, 'FunctionName is "arn:x"'],
    ['Target.Arn', { schedule: changed(schedule, { Target: { Arn: 'arn:x' } }) }, 'Target.Arn is "arn:x"'],
    [
      'ScheduleExpression',
      { schedule: changed(schedule, { ScheduleExpression: undefined }) },
      'takes a text',
    ],
    ['Configs', { topic: changed(topic, { Configs: 'bm8ganNvbg==' }) }, 'Configs is "bm8ganNvbg=="'],
    ['TopicName', { topic: changed(topic, { TopicName: { Ref: 'x' } }) }, 'TopicName is {"Ref":"x"}'],
  ])('that cannot be read for its %s names the resource and the property', async (_, resources, message) => {
    const failure = expect.objectContaining({
      code: 'template_unreadable',
      message: expect.stringContaining(message),
    })
    await expect(read({ consumer, ...resources })).rejects.toEqual(failure)
    await expect(read({ consumer, ...resources })).rejects.toThrow(/^app\/\S+ \(AWS::\w+::\w+\): /)
  })
})

describe('an assembly', () => {
  test('that is not there, or is none, says what makes one', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'keeper-empty-'))
    const broken = await mkdtemp(join(tmpdir(), 'keeper-broken-'))
    await writeFile(join(broken, 'app.template.json'), '{"Resources":')
    for (const place of ['/nowhere/at/all', empty, broken]) {
      await expect(readAssembly(place)).rejects.toMatchObject({
        code: 'assembly_unreadable',
        message: expect.stringMatching(`^${place} is no cloud assembly .*cdk synth`),
      })
    }
    await rm(empty, { recursive: true })
    await rm(broken, { recursive: true })
  })
})
