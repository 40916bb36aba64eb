import { Kafka } from 'kafkajs'
import { PriceUpdateProducer } from '../lambdas/core/kafka/price-update-producer.ts'
import { TopicProducer } from '../lambdas/core/kafka/topic-producer.ts'
import { createKeepaClient } from '../lambdas/core/keepa/client.ts'
import { runPriceCheck } from '../lambdas/producers/price-check/run-price-check.ts'
import { startMarket } from '../local/market/market.ts'
import { benchDatabase } from './database.ts'
import { type Bench, type Engines, type Group, type Sample, timed } from './measure.ts'

const PRODUCTS = 20_000
const PARTITIONS = 4
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** The price check as a whole, and its sends alone. */
export async function produceBenches({ databaseUrl, bootstrapServers }: Engines): Promise<Group> {
  const database = await benchDatabase(databaseUrl, 'bench_produce', 1)
  const market = await startMarket({ catalogueSize: PRODUCTS })
  await database.client.query('truncate watched_products cascade')
  await database.client.query(
    `insert into watched_products (asin, domain, title, currency)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
    [
      market.catalogue.entries.map(({ asin }) => asin),
      market.catalogue.entries.map(({ domain }) => domain),
      market.catalogue.entries.map(({ title }) => title),
      market.catalogue.entries.map(({ marketplace }) => marketplace.currency),
    ],
  )
  const kafka = new Kafka({
    clientId: 'bench',
    brokers: bootstrapServers.split(','),
    logCreator: () => () => undefined,
  })
  const admin = kafka.admin()
  await admin.connect()
  const topic = `bench-produce-${process.pid}`
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true })
  const topicProducer = new TopicProducer(() => kafka, topic, bootstrapServers)
  const producer = new PriceUpdateProducer(topicProducer)
  const pool = database.pool()

  const priceCheck = async (): Promise<Sample> => {
    const keepa = createKeepaClient({ apiKey: 'bench', baseUrl: market.url })
    let sent = 0
    const ms = await timed(async () => {
      const report = await runPriceCheck(
        {},
        { pool, keepa, producer, log: silent, deadlineMs: Date.now() + 600_000 },
      )
      if ('skipped' in report || report.end !== 'finished')
        throw new Error(JSON.stringify(report).slice(0, 500))
      sent = report.sent
    })
    return { units: sent, ms }
  }
  const sends = async (): Promise<Sample> => {
    const observation = {
      domain: 'de',
      currency: 'EUR',
      title: 'A product with a title of some fifty letters in all',
      currentPrice: '49.99',
      targetPrice: null,
      previousPrice: null,
      timestamp: '2026-02-20T12:30:00',
    }
    const ms = await timed(() =>
      Promise.all(
        Array.from({ length: PRODUCTS }, (_, index) =>
          producer.sendPriceUpdate({ ...observation, asin: `B${String(index).padStart(9, '0')}` }),
        ),
      ),
    )
    return { units: PRODUCTS, ms }
  }
  const bench: Bench = {
    group: 'produce',
    name: 'price events',
    what: 'events a second, published and acknowledged, each with its partition and offset',
    input: `${PRODUCTS} watched products, a market without think time, ${PARTITIONS} partitions, one broker`,
    unit: 'events/s',
    peers: [
      { name: 'price check: page, Keepa, sends, cursor', run: priceCheck },
      { name: 'sends alone, all at once', run: sends },
    ],
  }
  return {
    benches: [bench],
    close: async () => {
      await topicProducer.disconnect()
      await admin.deleteTopics({ topics: [topic] })
      await admin.disconnect()
      await market.close()
      await database.drop()
    },
  }
}
