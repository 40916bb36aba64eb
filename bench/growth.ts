import { priceConsumer } from '../lambdas/consumers/price-consumer/price-consumer.ts'
import { consumeAll } from './consume-all.ts'
import { type BenchDatabase, benchDatabase } from './database.ts'
import { PRODUCTS, PriceStream } from './input.ts'
import { type Group, timed } from './measure.ts'

const SMALL = 1_000_000
const LARGE = 100_000_000
const EVENTS = 20_000
const BATCH = 1_000

/** The price consumer over a history of a hundred times the size; takes 20 GB of disk and some minutes to fill. */
export async function growthBenches(serverUrl: string): Promise<Group> {
  const databases: BenchDatabase[] = []
  const peer = async (rows: number) => {
    const database = await benchDatabase(serverUrl, `bench_growth_${rows}`)
    databases.push(database)
    await fillHistory(database, rows)
    const pool = database.pool()
    const stream = new PriceStream(5)
    return {
      name: `${rows.toLocaleString('en')} history rows`,
      run: async () => {
        const batches = Array.from({ length: EVENTS / BATCH }, () => stream.nextEvent(BATCH))
        return { units: EVENTS, ms: await timed(() => consumeAll(pool, priceConsumer, batches)) }
      },
    }
  }
  return {
    benches: [
      {
        group: 'growth',
        name: 'price consumer over a history that has grown',
        what: `events a second from an invocation's event to committed rows, batch ${BATCH}`,
        input: `${PRODUCTS} products, whose older prices came in the order of time; ${EVENTS} new events a round`,
        unit: 'events/s',
        peers: [await peer(SMALL), await peer(LARGE)],
      },
    ],
    close: async () => {
      for (const database of databases) await database.drop()
    },
  }
}

/** A price of every product every hour, until the end of 2025. The key is made afterwards, which is faster. */
async function fillHistory({ client }: BenchDatabase, rows: number): Promise<void> {
  await client.query("set maintenance_work_mem = '1GB'")
  await client.query('alter table price_history drop constraint price_history_pkey')
  await client.query(
    `insert into price_history (product_id, recorded_at, source, price, topic, partition, "offset")
     select product.id, timestamptz '2025-12-31 23:00Z' - hour * interval '1 hour', 'kafka_prices',
       10 + (product.id * 31 + hour * 17) % 10000 / 100.0, 'price-updates', product.id % 4, hour * $1::bigint + product.id
     from generate_series($2::bigint / $1 - 1, 0, -1) as hour, watched_products as product`,
    [PRODUCTS, rows],
  )
  await client.query('alter table price_history add primary key (product_id, recorded_at, source, price)')
  await client.query('vacuum (analyze) price_history')
  // What filling left to be written would be written while others are measured.
  await client.query('checkpoint')
}
