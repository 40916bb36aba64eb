import pg from 'pg'
import { PRODUCTS, PriceStream } from './input.ts'
import { type Engines, type Group, type Sample, timed } from './measure.ts'
import { consumeNaively } from './naive-consumer.ts'
import { PARTITIONS, pricePipeline } from './price-pipeline.ts'
import { sendToRow } from './send-to-row.ts'
import { fillTopic, rowsAre, throughMapping } from './topic-to-rows.ts'

const EVENTS = 300_000
const NAIVE_EVENTS = 2_000

/** From a topic to committed rows, through the local event source mapping and the synthesized bundle. */
export async function endToEndBenches(engines: Engines): Promise<Group> {
  const pipeline = await pricePipeline(engines, 'bench_end_to_end')
  const { database, kafka } = pipeline
  const stream = new PriceStream(2)

  const mapping = (batchSize: number) => () => throughMapping(pipeline, stream, EVENTS, batchSize)

  const naive = async (): Promise<Sample> => {
    const topic = await pipeline.freshTopic()
    await fillTopic(kafka, topic, stream, NAIVE_EVENTS)
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
      await rowsAre(database.client, 'price_history', NAIVE_EVENTS)
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
