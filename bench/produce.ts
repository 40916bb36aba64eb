import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PriceUpdateProducer } from '../lambdas/core/kafka/price-update-producer.ts'
import { TopicProducer } from '../lambdas/core/kafka/topic-producer.ts'
import { type CatalogueEntry, createCatalogue } from '../local/market/catalogue.ts'
import { type BenchDatabase, benchDatabase } from './database.ts'
import { type Bench, type Engines, type Group, type Peer, type Sample, timed } from './measure.ts'
import type { PriceCheckRun } from './price-check-process.ts'
import { benchTopics } from './topics.ts'

const FEW = 20_000
const MANY = 100_000
const PARTITIONS = 4

/** So little that what is kept by a product shows: Node takes more where it may, and collects later. */
const SMALL_HEAP = ['--max-old-space-size=32', '--max-semi-space-size=4']

const run = promisify(execFile)

/** The price check as a whole with its memory, and its sends alone. The market is a process of its own. */
export async function produceBenches({ databaseUrl, bootstrapServers }: Engines): Promise<Group> {
  const market = await openMarket(MANY)
  // A smaller catalogue is the beginning of a larger one, so one market serves both.
  const { entries } = createCatalogue(1, MANY)
  const few = await watching(databaseUrl, 'bench_produce_few', entries.slice(0, FEW))
  const many = await watching(databaseUrl, 'bench_produce_many', entries)
  const topics = await benchTopics(bootstrapServers, 'bench-produce')
  const topic = await topics.fresh(PARTITIONS)
  const topicProducer = new TopicProducer(() => topics.kafka, topic, bootstrapServers)

  const priceCheck = async (database: BenchDatabase, ...flags: string[]): Promise<PriceCheckRun> => {
    const script = join(import.meta.dirname, 'price-check-process.ts')
    const places = [database.url, market.url, bootstrapServers, topic]
    const { stdout } = await run(process.execPath, [...flags, script, ...places])
    return JSON.parse(stdout)
  }
  const rateOf = (name: string, database: BenchDatabase): Peer => ({
    name,
    run: async () => {
      const { sent, ms } = await priceCheck(database)
      return { units: sent, ms }
    },
  })
  const memoryOf = (name: string, database: BenchDatabase, ...flags: string[]): Peer => ({
    name,
    // The figure is not a rate: one second leaves it unchanged.
    run: async () => ({ units: (await priceCheck(database, ...flags)).peakMegabytes, ms: 1_000 }),
  })
  const sends = {
    name: 'sends alone, all at once',
    run: () => sendAlone(new PriceUpdateProducer(topicProducer)),
  }
  const events: Bench = {
    group: 'produce',
    name: 'price events',
    what: 'events a second, published and acknowledged, each with its partition and offset; each price check in a fresh process',
    input: `${MANY} watched products (sends alone: ${FEW} events), a market in a process of its own without think time and with tokens for all, ${PARTITIONS} partitions, one broker`,
    unit: 'events/s',
    peers: [rateOf('price check: page, Keepa, sends, cursor', many), sends],
  }
  const memory: Bench = {
    group: 'produce',
    name: 'memory',
    what: 'the largest resident set that a price check’s process had, Node itself included',
    input: 'as above; in a small heap memory that grows with the products would show, or end the process',
    unit: 'MB',
    peers: [
      memoryOf(`${FEW} products, a heap of 32 MB`, few, ...SMALL_HEAP),
      memoryOf(`${MANY} products, a heap of 32 MB`, many, ...SMALL_HEAP),
      memoryOf(`${MANY} products, Node’s own limits`, many),
    ],
  }
  return {
    benches: [events, memory],
    close: async () => {
      await topicProducer.disconnect()
      await topics.close()
      await market.close()
      await few.drop()
      await many.drop()
    },
  }
}

/** Opens the market that `node local/market/main.ts` opens. */
async function openMarket(products: number): Promise<{ url: string; close(): Promise<void> }> {
  const script = join(import.meta.dirname, '..', 'local', 'market', 'main.ts')
  const child = spawn(process.execPath, [script, '--port', '0', '--products', String(products)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await Promise.race([once(child.stdout, 'data'), failedToOpen(child)])
  const [url] = /http:\/\/[\d.:]+/.exec(String(said)) ?? []
  if (!url) throw new Error(`The market did not say where it is open: ${String(said)}`)
  return {
    url,
    close: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function failedToOpen(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`The market ended with ${code} before it was open.`)
}

/** A database in which these products are watched. */
async function watching(
  serverUrl: string,
  name: string,
  entries: readonly CatalogueEntry[],
): Promise<BenchDatabase> {
  const database = await benchDatabase(serverUrl, name, 1)
  await database.client.query('truncate watched_products cascade')
  await database.client.query(
    `insert into watched_products (asin, domain, title, currency)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
    [
      entries.map(({ asin }) => asin),
      entries.map(({ domain }) => domain),
      entries.map(({ title }) => title),
      entries.map(({ marketplace }) => marketplace.currency),
    ],
  )
  await database.client.query(
    `insert into watches (user_id, product_id, target_price)
     select users.id, product.id, 15 from users, watched_products as product where users.email = 'one@bench'`,
  )
  await database.client.query('vacuum (analyze) watched_products, watches')
  return database
}

async function sendAlone(producer: PriceUpdateProducer): Promise<Sample> {
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
      Array.from({ length: FEW }, (_, index) =>
        producer.sendPriceUpdate({ ...observation, asin: `B${String(index).padStart(9, '0')}` }),
      ),
    ),
  )
  return { units: FEW, ms }
}
