import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kafka, Partitioners } from 'kafkajs'
import { LocalCloud } from '../local/cloud/cloud.ts'
import type { Resource } from '../local/cloud/template/assembly.ts'
import { readTemplate } from '../local/cloud/template/template.ts'
import { PriceStream } from './input.ts'
import { type Engines, type Group, median, type Sample, timed } from './measure.ts'
import { benchTopics } from './topics.ts'

const EVENTS = 300_000
const PARTITIONS = 4
const INVOCATIONS = 1_000

/** What the local event source mapping costs around a handler that does nothing, next to a bare kafkajs consumer. */
export async function mappingBenches({ bootstrapServers }: Engines): Promise<Group> {
  const directory = await mkdtemp(join(tmpdir(), 'keeper-bench-'))
  await writeFile(join(directory, 'index.mjs'), 'export const handler = async () => null\n')
  const topics = await benchTopics(bootstrapServers, 'bench-mapping')
  const { kafka } = topics
  const topic = await topics.fresh(PARTITIONS)
  await fill(kafka, topic)
  let groups = 0

  const cloudOf = (batchSize: number, committed: (records: number) => void) =>
    new LocalCloud({
      template: readTemplate(noOpApp(directory, topic, `${topic}-${groups++}`, batchSize)),
      bootstrapServers,
      logDirectory: join(directory, 'logs'),
      variables: () => ({}),
      events: {
        retrying: (mapping, reason) => {
          throw new Error(`${mapping}: ${reason}`)
        },
        waiting: () => undefined,
        reading: () => undefined,
        scheduled: () => undefined,
        measured: (_, metric, value) => {
          if (metric === 'CommittedEventCount') committed(value)
        },
      },
    })

  const mapping = (batchSize: number) => async (): Promise<Sample> => {
    const done = Promise.withResolvers<void>()
    let left = EVENTS
    const cloud = cloudOf(batchSize, (records) => {
      left -= records
      if (left <= 0) done.resolve()
    })
    const ms = await timed(async () => {
      cloud.startMappings()
      await done.promise
    })
    await cloud.stop()
    return { units: EVENTS, ms }
  }
  const bare = async (): Promise<Sample> => {
    const done = Promise.withResolvers<void>()
    let left = EVENTS
    const consumer = kafka.consumer({ groupId: `${topic}-${groups++}`, maxWaitTimeInMs: 100 })
    consumer.on(consumer.events.COMMIT_OFFSETS, () => {
      if (left <= 0) done.resolve()
    })
    const ms = await timed(async () => {
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await consumer.run({
        partitionsConsumedConcurrently: PARTITIONS,
        eachBatch: async ({ batch }) => {
          left -= batch.messages.length
        },
      })
      await done.promise
    })
    await consumer.disconnect()
    return { units: EVENTS, ms }
  }
  const invoke = (pick: (sorted: readonly number[]) => number) => async (): Promise<Sample> => {
    const cloud = cloudOf(100, () => undefined)
    const [target] = cloud.functions
    const times: number[] = []
    for (let call = -50; call < INVOCATIONS; call += 1) {
      const ms = await timed(async () => target?.invoke('{}'))
      if (call >= 0) times.push(ms)
    }
    await cloud.stop()
    return { units: 1, ms: pick(times.toSorted((a, b) => a - b)) }
  }

  const input = `${EVENTS} price events in ${PARTITIONS} partitions, from connecting to the last commit`
  return {
    benches: [
      {
        group: 'mapping',
        name: 'to a handler that does nothing',
        what: 'events a second from the topic to a handler in a process of its own, offsets committed',
        input,
        unit: 'events/s',
        peers: [
          { name: 'bare kafkajs consumer', run: bare },
          ...[100, 1_000, 10_000].map((size) => ({
            name: `local mapping, batch ${size}`,
            run: mapping(size),
          })),
        ],
      },
      {
        group: 'mapping',
        name: 'one invocation',
        what: `invocations a second, one after the other (1000 / milliseconds), of a handler that does nothing`,
        input: `${INVOCATIONS} invocations of a warm function with an empty event`,
        unit: 'invokes/s',
        peers: [
          { name: 'by the median', run: invoke(median) },
          {
            name: 'by the 99th percentile',
            run: invoke((sorted) => sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN),
          },
        ],
      },
    ],
    close: async () => {
      await topics.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function fill(kafka: Kafka, topic: string): Promise<void> {
  const stream = new PriceStream(4)
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  for (let sent = 0; sent < EVENTS; sent += 1_000) {
    const values = Array.from({ length: 1_000 }, () => stream.nextValue('price'))
    await producer.send({ topic, messages: values.map(({ asin, json }) => ({ key: asin, value: json })) })
  }
  await producer.disconnect()
}

/** A template of one function and its mapping. */
function noOpApp(directory: string, topic: string, group: string, batchSize: number): readonly Resource[] {
  const resource = (logicalId: string, type: string, properties: Resource['properties']): Resource => ({
    stack: 'bench',
    logicalId,
    type,
    properties,
    path: `bench/${logicalId}/Resource`,
    assetDirectory: type === 'AWS::Lambda::Function' ? directory : undefined,
  })
  return [
    resource('function', 'AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 60,
      MemorySize: 512,
    }),
    resource('mapping', 'AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: 'function' },
      Topics: [topic],
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: 0,
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: group },
    }),
  ]
}
