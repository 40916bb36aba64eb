import type pg from 'pg'
import { type BenchConsumer, consumeTogether, startConsumer } from './consumers.ts'
import { benchDatabase } from './database.ts'
import { type DrawnFrom, PRODUCTS, PriceStream } from './input.ts'
import type { Group, Peer } from './measure.ts'

const EVENTS = 24_000
const BATCH = 1_000

/** Many small batches over few products: what a ring of locks needs. */
const SMALL_BATCHES = 10_000
const SMALL_BATCH = 20
const FEW = { products: 200, partition: 0, partitions: 1 }

/** Consumers at once over the same products, as with several partitions, each on a connection of its own. */
export async function concurrencyBenches(serverUrl: string): Promise<Group> {
  const database = await benchDatabase(serverUrl, 'bench_concurrency')
  const consumers = Array.from({ length: 4 }, () => startConsumer(database.url))
  const stream = new PriceStream(8)

  const prepare = (
    consumer: BenchConsumer,
    kind: 'price' | 'deal',
    batches: number,
    size: number,
    from: DrawnFrom,
  ) =>
    consumer.prepare({
      kind,
      events: Array.from({ length: batches }, () => stream.nextEvent(size, kind, from)),
    })
  const kindOf = (index: number, deals: number) => (index < deals ? 'deal' : 'price')
  const peer = (name: string, connections: number, deals: number, partitions: 1 | 2 | 4): Peer => ({
    name,
    run: async () => {
      const some = consumers.slice(0, connections)
      for (const [index, consumer] of some.entries()) {
        const from = { products: PRODUCTS, partition: index % partitions, partitions }
        await prepare(consumer, kindOf(index, deals), EVENTS / connections / BATCH, BATCH, from)
      }
      return { units: EVENTS, ms: await consumeTogether(some) }
    },
  })
  const rings: Peer = {
    name: '2 with prices and 2 with deals',
    run: async () => {
      const before = await deadlocks(database.client)
      for (const [index, consumer] of consumers.entries()) {
        await prepare(consumer, kindOf(index, 2), SMALL_BATCHES / consumers.length, SMALL_BATCH, FEW)
      }
      const ms = await consumeTogether(consumers)
      const count = (await deadlocks(database.client)) - before
      if (count > 0) throw new Error(`${count} deadlocks in ${SMALL_BATCHES} batches`)
      return { units: SMALL_BATCHES, ms }
    },
  }
  return {
    benches: [
      {
        group: 'concurrency',
        name: 'consumers at once',
        what: 'events a second from invocations’ events to committed rows, all consumers together',
        input: `${PRODUCTS} products, of which each consumer has its own (keyed by ASIN) or all; ${EVENTS} events a round, batch ${BATCH}`,
        unit: 'events/s',
        peers: [
          peer('one consumer', 1, 0, 1),
          peer('2 with products of their own', 2, 0, 2),
          peer('2 with all products', 2, 0, 1),
          peer('4 with products of their own', 4, 0, 4),
          peer('4 with all products', 4, 0, 1),
          peer('2 with prices and 2 with deals, of all products', 4, 2, 1),
        ],
      },
      {
        group: 'concurrency',
        name: 'no deadlock',
        what: `batches a second; a round with one deadlock in its ${SMALL_BATCHES} batches ends the run with an error`,
        input: `batches of ${SMALL_BATCH} over the same ${FEW.products} products`,
        unit: 'batches/s',
        peers: [rings],
      },
    ],
    close: async () => {
      await Promise.all(consumers.map((consumer) => consumer.close()))
      await database.drop()
    },
  }
}

/** How many Postgres has seen in this database. */
async function deadlocks(client: pg.ClientBase): Promise<number> {
  // A backend reports what it has counted once it is idle, at most once a second.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await client.query('select pg_stat_clear_snapshot()')
  const { rows } = await client.query<{ deadlocks: number }>(
    'select deadlocks::integer from pg_stat_database where datname = current_database()',
  )
  return rows[0]?.deadlocks ?? 0
}
