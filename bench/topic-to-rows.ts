import type { Kafka } from 'kafkajs'
import type pg from 'pg'
import type { PriceStream } from './input.ts'
import { type Sample, timed } from './measure.ts'
import { benchProducer, type PricePipeline } from './price-pipeline.ts'

const SEND = 1_000

/** Fills a topic with the next price events. */
export async function fillTopic(
  kafka: Kafka,
  topic: string,
  stream: PriceStream,
  events: number,
): Promise<void> {
  const producer = benchProducer(kafka)
  await producer.connect()
  for (let sent = 0; sent < events; sent += SEND) {
    const values = Array.from({ length: SEND }, () => stream.nextValue('price'))
    await producer.send({ topic, messages: values.map(({ asin, json }) => ({ key: asin, value: json })) })
  }
  await producer.disconnect()
}

/** Waits until a table has so many committed rows, and looks every 100 ms: counting takes time from what is measured. */
export async function rowsAre(client: pg.Client, table: string, rows: number): Promise<void> {
  for (;;) {
    const { rows: counted } = await client.query<{ count: number }>(`select count(*)::integer from ${table}`)
    if ((counted[0]?.count ?? 0) >= rows) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** A full topic through the local mapping and the price consumer: from the start of their processes to the last row. */
export async function throughMapping(
  { database, kafka, ...pipeline }: PricePipeline,
  stream: PriceStream,
  events: number,
  batchSize: number,
  codec?: string,
): Promise<Sample> {
  const topic = await pipeline.freshTopic(codec)
  await fillTopic(kafka, topic, stream, events)
  const cloud = pipeline.consumerOf(topic, { batchSize })
  await database.client.query('truncate price_history')
  const ms = await timed(async () => {
    cloud.startMappings()
    await rowsAre(database.client, 'price_history', events)
  })
  await cloud.stop()
  await pipeline.deleteTopic(topic)
  return { units: events, ms }
}
