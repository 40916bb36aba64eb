import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { dealConsumer } from '../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../lambdas/consumers/price-consumer/price-consumer.ts'
import type { AcceptedRecord, TopicConsumer } from '../lambdas/core/consuming/topic-consumer.ts'
import { consumeAll } from './consume-all.ts'
import { consumeTogether, startConsumer } from './consumers.ts'
import { benchDatabase } from './database.ts'
import { PRODUCTS, PriceStream } from './input.ts'
import { type Group, type Sample, timed } from './measure.ts'
import { consumeNaively, type Transactions } from './naive-consumer.ts'

/** Events that one round of a peer consumes. */
const NAIVE_EVENTS = 500
const EVENTS = 20_000

/** The consumers' handlers against Postgres, beside what most would write, and beside the table's physical limit. */
export async function consumeBenches(serverUrl: string): Promise<Group> {
  const database = await benchDatabase(serverUrl, 'bench_consume')
  const pool = database.pool()
  const pair = [startConsumer(database.url), startConsumer(database.url)]
  const stream = new PriceStream(1)

  const ours =
    <Accepted extends AcceptedRecord>(
      consumer: TopicConsumer<Accepted>,
      kind: 'price' | 'deal',
      batchSize: number,
    ) =>
    async (): Promise<Sample> => {
      const batches = Array.from({ length: EVENTS / batchSize }, () => stream.nextEvent(batchSize, kind))
      return { units: EVENTS, ms: await timed(() => consumeAll(pool, consumer, batches)) }
    }
  const naive = (transactions: Transactions) => async (): Promise<Sample> => {
    const event = stream.nextEvent(NAIVE_EVENTS)
    return {
      units: NAIVE_EVENTS,
      ms: await timed(() => consumeNaively(database.client, event, transactions)),
    }
  }
  /** Two consumers at once, each with the products of a partition of its own. */
  const together = (batchSize: number) => async (): Promise<Sample> => {
    for (const [partition, consumer] of pair.entries()) {
      const from = { products: PRODUCTS, partition, partitions: 2 }
      await consumer.prepare({
        kind: 'price',
        events: Array.from({ length: EVENTS / 2 / batchSize }, () =>
          stream.nextEvent(batchSize, 'price', from),
        ),
      })
    }
    return { units: EVENTS, ms: await consumeTogether(pair) }
  }
  const redelivery = (batchSize: number) => async (): Promise<Sample> => {
    const batches = Array.from({ length: EVENTS / batchSize }, () => stream.nextEvent(batchSize))
    await consumeAll(pool, priceConsumer, batches)
    return { units: EVENTS, ms: await timed(() => consumeAll(pool, priceConsumer, batches)) }
  }
  const copy = async (): Promise<Sample> => {
    const lines = copyLines(stream, EVENTS)
    return { units: EVENTS, ms: await timed(() => copyHistory(database.client, lines)) }
  }

  const sizes = [100, 1_000, 10_000]
  return {
    benches: [
      {
        group: 'consume',
        name: 'consumers',
        what: 'events a second from an invocation’s event to committed rows, on one connection unless told',
        input: `${PRODUCTS} products with two watches each, 5 % of the prices meet a target; naive: ${NAIVE_EVENTS} events a round, others ${EVENTS}`,
        unit: 'events/s',
        peers: [
          { name: 'naive, a transaction a record', run: naive('per-record') },
          { name: 'naive, a transaction a batch', run: naive('per-batch') },
          ...sizes.map((size) => ({
            name: `price consumer, batch ${size}`,
            run: ours(priceConsumer, 'price', size),
          })),
          ...sizes.map((size) => ({
            name: `deal consumer, batch ${size}`,
            run: ours(dealConsumer, 'deal', size),
          })),
          { name: 'two price consumers of two partitions at once, batch 1000', run: together(1_000) },
          { name: 'two price consumers of two partitions at once, batch 10000', run: together(10_000) },
          { name: 'price consumer, batch 1000 delivered again', run: redelivery(1_000) },
          { name: 'price consumer, batch 10000 delivered again', run: redelivery(10_000) },
          { name: 'COPY of the history rows alone', run: copy },
        ],
      },
    ],
    close: async () => {
      await Promise.all(pair.map((consumer) => consumer.close()))
      await database.drop()
    },
  }
}

/** Rows of the history as the consumer would write them, in COPY's text form. */
function copyLines(stream: PriceStream, rows: number): string {
  return Array.from({ length: rows }, () => {
    const { asin, json } = stream.nextValue('price')
    const { current_price, timestamp } = JSON.parse(json) as { current_price: number; timestamp: string }
    const product = Number.parseInt(asin.slice(1), 36) + 1
    return `${product}\t${timestamp}Z\tkafka_prices\t${current_price}\t\\N\tprice-updates\t0\t${rows}\n`
  }).join('')
}

async function copyHistory(client: pg.ClientBase, lines: string): Promise<void> {
  const sink = client.query(
    copyFrom(
      'copy price_history (product_id, recorded_at, source, price, time_flag, topic, partition, "offset") from stdin',
    ),
  )
  await pipeline(Readable.from([lines]), sink)
}
