import type pg from 'pg'
import { priceConsumer } from '../lambdas/consumers/price-consumer/price-consumer.ts'
import type { MskEvent } from '../lambdas/core/kafka/msk-event.ts'
import { consumeAll } from './consume-all.ts'
import { type BenchDatabase, benchDatabase } from './database.ts'
import { fillHistory, inOneTable } from './history.ts'
import { PRODUCTS, PriceStream, START_MS } from './input.ts'
import { type Bench, type Group, type Peer, timed } from './measure.ts'

const SMALL = 1_000_000
const EVENTS = 20_000

interface Grown {
  readonly name: string
  readonly pool: pg.Pool
  readonly client: pg.Client
  readonly stream: PriceStream
}

/**
 * The price consumer over a history of `rows` rows in twelve months, and of a million. 100 million take 20 GB of disk and
 * some ten minutes to fill.
 */
export async function growthBenches(serverUrl: string, rows: number): Promise<Group> {
  const databases: BenchDatabase[] = []
  const grown = async (name: string, size: number, change?: (database: BenchDatabase) => Promise<void>) => {
    const database = await benchDatabase(serverUrl, `bench_growth_${databases.length}`)
    databases.push(database)
    await fillHistory(database, { rows: size, months: 12, until: new Date(START_MS) })
    await change?.(database)
    const { client } = database
    return { name, pool: database.pool(), client, stream: new PriceStream(5) }
  }
  const small = await grown(`${SMALL.toLocaleString('en')} rows in 12 months`, SMALL)
  const large = await grown(`${rows.toLocaleString('en')} rows in 12 months`, rows)
  const before = await grown(`${SMALL.toLocaleString('en')} rows in one table`, SMALL, inOneTable)
  const common = {
    group: 'growth',
    input: `${PRODUCTS} products; ${EVENTS} new events a round`,
    unit: 'events/s',
  } as const
  const benches: Bench[] = [
    {
      ...common,
      name: 'price consumer over a history that has grown, batch 1,000',
      what: "events a second from an invocation's event to committed rows",
      peers: [small, large, before].map((one) => consuming(one, 1_000)),
    },
    {
      ...common,
      name: 'price consumer over a history that has grown, batch 10,000',
      what: "events a second from an invocation's event to committed rows",
      peers: [small, large, before].map((one) => consuming(one, 10_000)),
    },
    {
      ...common,
      name: 'right after a checkpoint, batch 1,000',
      what: 'events a second, where the first change of each page writes the whole page to the log',
      peers: [small, large, before].map((one) => ({
        ...consuming(one, 1_000),
        run: async () => {
          await one.client.query('checkpoint')
          return consuming(one, 1_000).run()
        },
      })),
    },
    {
      ...common,
      name: `what ${rows.toLocaleString('en')} rows have already, batch 1,000`,
      what: 'events a second: delivered for the first time, again, and of any time of seven days',
      peers: deliveries(large),
    },
  ]
  return {
    benches,
    close: async () => {
      for (const database of databases) await database.drop()
    },
  }
}

const batchesOf = ({ stream }: Grown, size: number): MskEvent[] =>
  Array.from({ length: EVENTS / size }, () => stream.nextEvent(size))

const consumed = async ({ pool }: Grown, batches: readonly MskEvent[]) => ({
  units: EVENTS,
  ms: await timed(() => consumeAll(pool, priceConsumer, batches)),
})

const consuming = (one: Grown, size: number): Peer => ({
  name: one.name,
  run: () => consumed(one, batchesOf(one, size)),
})

/** A week of events is stored first; a replay delivers batches from anywhere in it. */
function deliveries(one: Grown): Peer[] {
  const week = new PriceStream(7, { everyMs: (7 * 86_400_000) / (EVENTS * 10) })
  const stored = Array.from({ length: (EVENTS * 10) / 1_000 }, () => week.nextEvent(1_000))
  let isStored = false
  let last: readonly MskEvent[] = []
  let round = 0
  return [
    {
      name: 'first delivery',
      run: async () => {
        last = batchesOf(one, 1_000)
        return consumed(one, last)
      },
    },
    {
      name: 'delivered again',
      run: async () => {
        if (last.length === 0) last = batchesOf(one, 1_000)
        await consumed(one, last)
        return consumed(one, last)
      },
    },
    {
      name: 'replay of seven days',
      run: async () => {
        if (!isStored) await consumeAll(one.pool, priceConsumer, stored)
        isStored = true
        round += 1
        return consumed(
          one,
          stored.filter((_, index) => index % 10 === round % 10),
        )
      },
    },
  ]
}
