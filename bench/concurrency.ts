import type pg from 'pg'
import { dealConsumer } from '../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../lambdas/consumers/price-consumer/price-consumer.ts'
import { consumeAll } from './consume-all.ts'
import { benchDatabase } from './database.ts'
import { PRODUCTS, PriceStream } from './input.ts'
import { type Group, type Peer, timed } from './measure.ts'

const EVENTS = 24_000
const BATCH = 1_000

/** Many small batches over few products: what a ring of locks needs. */
const SMALL_BATCHES = 10_000
const SMALL_BATCH = 20
const FEW_PRODUCTS = 200

/** Consumers at once over the same products, as with several partitions, each on a connection of its own. */
export async function concurrencyBenches(serverUrl: string): Promise<Group> {
  const database = await benchDatabase(serverUrl, 'bench_concurrency')
  const pools = Array.from({ length: 4 }, () => database.pool())
  const stream = new PriceStream(8)

  const consumption = (
    pool: pg.Pool,
    kind: 'price' | 'deal',
    batches: number,
    size: number,
    products: number,
  ) => {
    const events = Array.from({ length: batches }, () => stream.nextEvent(size, kind, products))
    return () =>
      kind === 'deal' ? consumeAll(pool, dealConsumer, events) : consumeAll(pool, priceConsumer, events)
  }
  const kindOf = (index: number, deals: number) => (index < deals ? 'deal' : 'price')
  const together = (connections: number, deals: number): Peer => ({
    name: `${connections} at once${deals > 0 ? `, ${deals} of them with deals` : ''}`,
    run: async () => {
      const work = pools
        .slice(0, connections)
        .map((pool, index) =>
          consumption(pool, kindOf(index, deals), EVENTS / connections / BATCH, BATCH, PRODUCTS),
        )
      return { units: EVENTS, ms: await timed(() => Promise.all(work.map((start) => start()))) }
    },
  })
  const rings: Peer = {
    name: '2 with prices and 2 with deals',
    run: async () => {
      const before = await deadlocks(database.client)
      const work = pools.map((pool, index) =>
        consumption(pool, kindOf(index, 2), SMALL_BATCHES / pools.length, SMALL_BATCH, FEW_PRODUCTS),
      )
      const ms = await timed(() => Promise.all(work.map((start) => start())))
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
        input: `${PRODUCTS} products, all consumers draw from all of them; ${EVENTS} events a round, batch ${BATCH}`,
        unit: 'events/s',
        peers: [together(1, 0), together(2, 0), together(4, 0), together(4, 2)],
      },
      {
        group: 'concurrency',
        name: 'no deadlock',
        what: `batches a second; a round with one deadlock in its ${SMALL_BATCHES} batches ends the run with an error`,
        input: `batches of ${SMALL_BATCH} over the same ${FEW_PRODUCTS} products`,
        unit: 'batches/s',
        peers: [rings],
      },
    ],
    close: () => database.drop(),
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
