import pg from 'pg'
import { PRODUCTS, PriceStream } from './input.ts'
import { type Engines, type Group, type Sample, timed } from './measure.ts'
import { consumeNaively } from './naive-consumer.ts'
import { benchProducer, PARTITIONS, pricePipeline } from './price-pipeline.ts'
import { sendToRow } from './send-to-row.ts'

const EVENTS = 100_000
const NAIVE_EVENTS = 2_000
const SEND = 1_000

/** From a topic to committed rows, through the local event source mapping and the synthesized bundle. */
export async function endToEndBenches(engines: Engines): Promise<Group> {
  const pipeline = await pricePipeline(engines, 'bench_end_to_end')
  const { database, kafka } = pipeline
  const stream = new PriceStream(2)

  const fill = async (events: number): Promise<string> => {
    const topic = await pipeline.freshTopic()
    const producer = benchProducer(kafka)
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
    const cloud = pipeline.consumerOf(topic, { batchSize })
    await database.client.query('truncate price_history')
    const ms = await timed(async () => {
      cloud.startMappings()
      await rowsAre(database.client, EVENTS)
    })
    await cloud.stop()
    await pipeline.deleteTopic(topic)
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
    await pipeline.deleteTopic(topic)
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
      sendToRow(pipeline),
    ],
    close: () => pipeline.close(),
  }
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
