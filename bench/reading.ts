import type pg from 'pg'
import { readHistories } from '../lambdas/notifier/history-facts.ts'
import { chartPrices, sparkPrices } from '../lambdas/operator/postgres/price-chart.ts'
import { showPrices } from '../lambdas/operator/postgres/prices.ts'
import { searchWatches } from '../lambdas/operator/postgres/watch-search.ts'
import { type BenchDatabase, benchDatabase } from './database.ts'
import { fillHistory } from './history.ts'
import { asinOf, PRODUCTS, random } from './input.ts'
import { type Group, type Peer, timed } from './measure.ts'

const SMALL = 1_000_000
const YEARS = 10
const CALLS = 20

const WORDS = [
  'Logitech',
  'Tastatur',
  'Maus',
  'Sony',
  'Kopfhörer',
  'Bosch',
  'Monitor',
  'Ladekabel',
  'Rasierer',
]

/** What people wait for, over ten years of `rows` prices and of a million: what the operator and the notifier ask Postgres. */
export async function readingBenches(serverUrl: string, rows: number): Promise<Group> {
  const databases: BenchDatabase[] = []
  const until = new Date()
  until.setUTCMonth(until.getUTCMonth() + 1, 1)
  const filled = async (size: number) => {
    const database = await benchDatabase(serverUrl, `bench_reading_${databases.length}`)
    databases.push(database)
    await fillHistory(database, { rows: size, months: YEARS * 12, until })
    await database.client.query(
      `update watched_products
       set title = ($1::text[])[1 + id % 9] || ' ' || ($1::text[])[1 + id / 9 % 9] || ' ' || md5(id::text)`,
      [WORDS],
    )
    await database.client.query('vacuum (analyze)')
    return { name: `${size.toLocaleString('en')} rows`, pool: database.pool() }
  }
  const peers = [await filled(SMALL), await filled(rows)]
  const bench = (name: string, read: (pool: pg.Pool, draw: () => number) => Promise<unknown>) => ({
    ...{ group: 'reading', name, what: 'answers a second; 1,000 by it are milliseconds', unit: 'answers/s' },
    input: `${PRODUCTS} products, ${PRODUCTS * 2} watches, ${YEARS} years of prices`,
    peers: peers.map(
      ({ name: peer, pool }): Peer => ({
        name: peer,
        run: async () => {
          const draw = random(3)
          return {
            units: CALLS,
            ms: await timed(async () => {
              for (let call = 0; call < CALLS; call += 1) await read(pool, draw)
            }),
          }
        },
      }),
    ),
  })
  const product = (draw: () => number) => Math.floor(draw() * PRODUCTS)
  const dependencies = (pool: pg.Pool) => ({ pool: () => pool }) as never
  return {
    benches: [
      bench('chart of ten years', (pool, draw) =>
        chartPrices.run({ product: asinOf(product(draw)), domain: 'de' }, dependencies(pool)),
      ),
      bench('sparklines of 100 products', (pool, draw) =>
        sparkPrices.run(
          { products: Array.from({ length: 100 }, () => String(product(draw) + 1)) },
          dependencies(pool),
        ),
      ),
      bench('lowest, highest and median of 365 days', (pool, draw) =>
        showPrices.run({ product: asinOf(product(draw)), domain: 'de', days: 365 }, dependencies(pool)),
      ),
      bench('what a mail says of a product', (pool, draw) =>
        readHistories(pool, [String(product(draw) + 1)]),
      ),
      bench('search of two words in 100,000 watches', (pool, draw) =>
        searchWatches.run(
          {
            text: [0, 1].map(() => `%${WORDS[Math.floor(draw() * WORDS.length)]?.toLowerCase()}%`),
            from: 0,
            most: 100,
          },
          dependencies(pool),
        ),
      ),
    ],
    close: async () => {
      for (const database of databases) await database.drop()
    },
  }
}
