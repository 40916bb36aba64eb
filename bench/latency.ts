import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import pg from 'pg'
import { priceConsumer } from '../lambdas/consumers/price-consumer/price-consumer.ts'
import { createPool } from '../lambdas/core/postgres/pool.ts'
import { consumeAll } from './consume-all.ts'
import { benchDatabase } from './database.ts'
import { PRODUCTS, PriceStream } from './input.ts'
import { type Group, type Peer, timed } from './measure.ts'
import { consumeNaively } from './naive-consumer.ts'

const DELAY_MS = 1
const EVENTS = 20_000
const NAIVE_EVENTS = 200

/** What the way to the database costs: the same work on a connection on which each byte takes a millisecond longer. */
export async function latencyBenches(serverUrl: string): Promise<Group> {
  const database = await benchDatabase(serverUrl, 'bench_latency')
  const far = new URL(database.url)
  const proxy = new Worker(new URL('latency-proxy.ts', import.meta.url), {
    workerData: { port: Number(far.port), delayMs: DELAY_MS },
  })
  const [address] = (await once(proxy, 'message')) as [AddressInfo]
  far.port = String(address.port)
  const stream = new PriceStream(6)
  const pools: pg.Pool[] = []
  const clients: pg.Client[] = []

  const ours = (name: string, url: string, batchSize: number): Peer => {
    const pool = createPool({ DATABASE_URL: url, DATABASE_AUTHENTICATION: 'password' })
    pools.push(pool)
    return {
      name: `price consumer, batch ${batchSize}, ${name}`,
      run: async () => {
        const batches = Array.from({ length: EVENTS / batchSize }, () => stream.nextEvent(batchSize))
        return { units: EVENTS, ms: await timed(() => consumeAll(pool, priceConsumer, batches)) }
      },
    }
  }
  const naive = async (name: string, url: string): Promise<Peer> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    clients.push(client)
    return {
      name: `naive, a transaction a record, ${name}`,
      run: async () => {
        const event = stream.nextEvent(NAIVE_EVENTS)
        return { units: NAIVE_EVENTS, ms: await timed(() => consumeNaively(client, event, 'per-record')) }
      },
    }
  }
  const bench = (name: string, peers: readonly Peer[]) => ({
    group: 'latency',
    name,
    what: 'events a second from an invocation’s event to committed rows',
    input: `${PRODUCTS} products; far: through a proxy that passes each byte on ${DELAY_MS} ms later, each way`,
    unit: 'events/s',
    peers,
  })
  const [near, away] = [database.url, far.href]
  return {
    benches: [
      bench('batches of 1,000', [ours('near', near, 1_000), ours('far', away, 1_000)]),
      bench('batches of 10,000', [ours('near', near, 10_000), ours('far', away, 10_000)]),
      bench('record by record', [await naive('near', near), await naive('far', away)]),
    ],
    close: async () => {
      await Promise.all([...pools, ...clients].map((one) => one.end()))
      await proxy.terminate()
      await database.drop()
    },
  }
}
