import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import type { LocalFunction } from '../../../local/cloud/lambda/function.ts'
import type { EventSourceMapping } from '../../../local/cloud/mapping/event-source-mapping.ts'
import type { Resource } from '../../../local/cloud/template/assembly.ts'
import { readTemplate, type Template } from '../../../local/cloud/template/template.ts'
import { type TestKafka, testKafka } from '../../helpers/kafka.ts'
import { type Control, type Recorder, recorder } from '../cloud/fixture-function.ts'
import { type Around, committed, startMapping } from '../cloud/mapping/mapping-parts.ts'
import { until } from '../until.ts'

/** Properties of AWS::Lambda::EventSourceMapping, as they stand in a template. */
export type Properties = Readonly<Record<string, unknown>>

/** What makes a mapping one in provisioned mode, with one poller. */
export const PROVISIONED: Properties = { ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 1 } }

/** What the handler is told to do, beside what the recorder knows: to throw at these offsets, or to report them. */
interface Told extends Control {
  readonly failOffsets?: readonly number[]
  readonly reportOffsets?: readonly number[]
}

/** Reads a template with one function and one mapping of it. */
export function templateOf(properties: Properties, timeoutSeconds = 20): Template {
  const resource = (logicalId: string, type: string, given: Properties): Resource => ({
    stack: 'app',
    logicalId,
    type,
    properties: given,
    path: `app/${logicalId}/Resource`,
    assetDirectory: '/nowhere',
  })
  return readTemplate([
    resource('consumer', 'AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: timeoutSeconds,
    }),
    resource('bucket', 'AWS::S3::Bucket', {}),
    resource('queue', 'AWS::SQS::Queue', {}),
    resource('alarms', 'AWS::SNS::Topic', {}),
    resource('mapping', 'AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: 'consumer' },
      Topics: ['prices'],
      StartingPosition: 'TRIM_HORIZON',
      ...properties,
    }),
  ])
}

/** Kafka, a handler and mappings for the tests of a file. */
export function mappingSetup() {
  const mappings: EventSourceMapping[] = []
  let kafka: TestKafka
  let consumer: Recorder
  let directory: string

  beforeAll(async () => {
    kafka = await testKafka()
  })
  afterAll(() => kafka.close())
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keeper-conformance-'))
    consumer = await recorder({ codeDirectory: join(import.meta.dirname, 'fixture') })
    await consumer.control({})
  })
  afterEach(async () => {
    await Promise.all([consumer.dispose(), ...mappings.splice(0).map((mapping) => mapping.stop())])
    await rm(directory, { recursive: true, force: true })
  })

  return {
    kafka: () => kafka,
    consumer: () => consumer,
    directory: () => directory,
    /** Starts a mapping that a template describes, with a group of its own. */
    start: (
      topic: string,
      properties: Properties,
      { target = consumer.target, ...around }: Around & { readonly target?: LocalFunction } = {},
    ) => {
      const group = `${topic}-group`
      const managed = properties.SelfManagedEventSource ? 'SelfManaged' : 'AmazonManaged'
      const template = templateOf({
        Topics: [topic],
        [`${managed}KafkaEventSourceConfig`]: { ConsumerGroupId: group },
        MaximumBatchingWindowInSeconds: 0,
        ...properties,
      })
      const [resource] = template.mappings
      if (!resource) throw new Error('The template has no mapping.')
      const started = startMapping(
        kafka,
        target,
        { ...resource },
        { destinationDirectory: directory, ...around },
      )
      mappings.push(started.mapping)
      return started
    },
    tell: (told: Told) => consumer.control(told),
    /** Waits until the group has committed these offsets, by partition. */
    isCommitted: (topic: string, offsets: readonly number[]) =>
      until(async () => String(await committed(kafka, `${topic}-group`, topic)) === String(offsets)),
    /** The offsets of each invocation. */
    offsets: async (): Promise<readonly number[][]> =>
      (await consumer.invocations()).map(({ records }) => records.map(([, offset]) => offset)),
    /** The documents that a destination has, by offset. */
    documents: async (name: string): Promise<readonly Document[]> => {
      const found = await readdir(join(directory, name)).catch(() => [])
      // A document is written under another name first.
      const names = found.filter((file) => file.endsWith('.json'))
      const texts = await Promise.all(names.map((file) => readFile(join(directory, name, file), 'utf8')))
      const documents = texts.map((text) => JSON.parse(text) as Document)
      return documents.sort((a, b) => offsetOf(a) - offsetOf(b))
    },
  }
}

/** What a test reads of an on-failure destination's document. */
export interface Document {
  readonly requestContext: { readonly condition: string; readonly approximateInvokeCount: number }
  readonly KafkaBatchInfo: { readonly recordInfo: { readonly offset: string } }
  readonly payload?: unknown
}

export const offsetOf = ({ KafkaBatchInfo }: Document): number => Number(KafkaBatchInfo.recordInfo.offset)
