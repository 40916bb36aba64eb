import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, Partitioners } from 'kafkajs'
import pg from 'pg'
import { readAssembly } from '../local/cloud/assembly.ts'
import { LocalCloud } from '../local/cloud/cloud.ts'
import { readTemplate, type Template } from '../local/cloud/template.ts'
import { localVariables } from '../local/differences.ts'
import { synthesize } from '../local/synth.ts'
import { benchDatabase } from './database.ts'
import { PRODUCTS, PriceStream } from './input.ts'
import { type Group, type Sample, timed } from './measure.ts'
import { consumeNaively } from './naive-consumer.ts'

const EVENTS = 100_000
const NAIVE_EVENTS = 2_000
const PARTITIONS = 4
const SEND = 1_000

/** From a topic to committed rows, through the local event source mapping and the synthesized bundle. */
export async function endToEndBenches(serverUrl: string, bootstrapServers: string): Promise<Group> {
  const database = await benchDatabase(serverUrl, 'bench_end_to_end')
  const directory = await mkdtemp(join(tmpdir(), 'keeper-bench-'))
  await synthesize(join(directory, 'cdk.out'), new AbortController().signal)
  const whole = readTemplate(await readAssembly(join(directory, 'cdk.out')))
  const kafka = new Kafka({
    clientId: 'bench',
    brokers: bootstrapServers.split(','),
    logCreator: () => () => undefined,
  })
  const admin = kafka.admin()
  await admin.connect()
  const stream = new PriceStream(2)
  let round = 0

  const fill = async (events: number): Promise<string> => {
    round += 1
    const topic = `bench-prices-${process.pid}-${round}`
    await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true })
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    for (let sent = 0; sent < events; sent += SEND) {
      const values = Array.from({ length: SEND }, () => stream.nextValue('price'))
      await producer.send({ topic, messages: values.map(({ asin, json }) => ({ key: asin, value: json })) })
    }
    await producer.disconnect()
    return topic
  }

  const mapping = (batchSize: number) => async (): Promise<Sample> => {
    const topic = await fill(EVENTS)
    const cloud = new LocalCloud({
      template: onlyPriceConsumer(whole, topic, batchSize),
      bootstrapServers,
      logDirectory: join(directory, 'logs'),
      variables: (variables) =>
        localVariables(variables, {
          bootstrapServers,
          databaseUrl: database.url,
          keepaBaseUrl: '',
          keepaApiKey: '',
        }),
      events: {
        retrying: failed,
        waiting: () => undefined,
        reading: () => undefined,
        scheduled: () => undefined,
      },
    })
    await database.client.query('truncate price_history')
    const ms = await timed(async () => {
      cloud.startMappings()
      await rowsAre(database.client, EVENTS)
    })
    await cloud.stop()
    await admin.deleteTopics({ topics: [topic] })
    return { units: EVENTS, ms }
  }

  const naive = async (): Promise<Sample> => {
    const topic = await fill(NAIVE_EVENTS)
    await database.client.query('truncate price_history')
    const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 })
    const client = new pg.Client({ connectionString: database.url })
    await Promise.all([client.connect(), consumer.connect()])
    await consumer.subscribe({ topic, fromBeginning: true })
    const ms = await timed(async () => {
      await consumer.run({
        eachMessage: async ({ partition, message }) => {
          const record = {
            topic,
            partition,
            offset: Number(message.offset),
            value: message.value?.toString('base64'),
          }
          await consumeNaively(client, { records: { [`${topic}-${partition}`]: [record] } }, 'per-record')
        },
      })
      await rowsAre(database.client, NAIVE_EVENTS)
    })
    await consumer.disconnect()
    await client.end()
    await admin.deleteTopics({ topics: [topic] })
    return { units: NAIVE_EVENTS, ms }
  }

  return {
    benches: [
      {
        group: 'end-to-end',
        name: 'from topic to rows',
        what: 'events a second from a full topic to committed rows, processes and first connections included',
        input: `${EVENTS} price events in ${PARTITIONS} partitions over ${PRODUCTS} watched products (naive: ${NAIVE_EVENTS})`,
        unit: 'events/s',
        peers: [
          { name: 'naive consumer, a transaction a record', run: naive },
          { name: 'local mapping and price consumer, batch 1000', run: mapping(1_000) },
          { name: 'local mapping and price consumer, batch 10000', run: mapping(10_000) },
        ],
      },
    ],
    close: async () => {
      await admin.disconnect()
      await database.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The template's price consumer alone, on another topic and batch size. */
function onlyPriceConsumer(template: Template, topic: string, batchSize: number): Template {
  const functions = template.functions.filter(({ name }) => name === 'price-consumer')
  const mappings = template.mappings
    .filter(({ functionId }) => functions.some(({ id }) => id === functionId))
    .map((mapping) => ({ ...mapping, topic, batchSize, consumerGroupId: topic }))
  return { topics: [], functions, mappings, schedules: [], triggers: [] }
}

async function rowsAre(client: pg.Client, rows: number): Promise<void> {
  for (;;) {
    const { rows: counted } = await client.query<{ count: number }>(
      'select count(*)::integer from price_history',
    )
    if ((counted[0]?.count ?? 0) >= rows) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function failed(mapping: string, reason: string): never {
  throw new Error(`${mapping}: ${reason}`)
}
