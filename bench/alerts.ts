import { priceConsumer } from '../lambdas/consumers/price-consumer/price-consumer.ts'
import { type MskEvent, textOf } from '../lambdas/core/kafka/msk-event.ts'
import { consumeAll } from './consume-all.ts'
import { type BenchDatabase, benchDatabase } from './database.ts'
import { type DrawnFrom, PRODUCTS, PriceStream } from './input.ts'
import { type Group, type Peer, timed } from './measure.ts'

const BATCH = 10_000

/** Two watches a product have a target of 15. */
const ABOVE = 60
const MET = 14.5

/** The cost of alerts: the same batch with no price, or with every price, raising alerts. */
export async function alertBenches(serverUrl: string): Promise<Group> {
  const database = await benchDatabase(serverUrl, 'bench_alerts')
  const pool = database.pool()
  const stream = new PriceStream(11)

  const peer = (
    name: string,
    price: number,
    prepare: (database: BenchDatabase) => Promise<void>,
    from?: DrawnFrom,
  ): Peer => ({
    name,
    run: async () => {
      await prepare(database)
      const event = atPrice(stream.nextEvent(BATCH, 'price', from), price)
      return { units: BATCH, ms: await timed(() => consumeAll(pool, priceConsumer, [event])) }
    },
  })
  /** Most products have been above their target since. */
  const rearmAll = async () => {
    await alertAll(database)
    const events = Array.from({ length: 3 }, () => atPrice(stream.nextEvent(2 * BATCH), ABOVE))
    await consumeAll(pool, priceConsumer, events)
  }
  return {
    benches: [
      {
        group: 'alerts',
        name: 'a batch and its alerts',
        what: `events a second from an invocation’s event to committed rows, batch ${BATCH}`,
        input: `${PRODUCTS} products with two watches each`,
        unit: 'events/s',
        peers: [
          peer('no price meets a target', ABOVE, clear),
          peer('every price meets two targets, for the first time', MET, clear),
          peer('every price meets two targets of alerts that were sent, and was above since', MET, rearmAll),
          peer(
            'every price meets two targets of alerts that were sent, and was not above since',
            MET,
            alertAll,
          ),
          peer('the same, of one product', MET, alertAll, { products: 1, partition: 0, partitions: 1 }),
        ],
      },
    ],
    close: () => database.drop(),
  }
}

async function clear({ client }: BenchDatabase): Promise<void> {
  await client.query('truncate price_alerts, price_history')
  await client.query('update watched_products set current_price = null, price_at = null')
  await client.query('vacuum (analyze)')
}

/** Every watch has had an alert, before any price of the bench and lower than all. */
async function alertAll(database: BenchDatabase): Promise<void> {
  await clear(database)
  await database.client.query(
    `insert into price_alerts (watch_id, triggered_price, target_price, status, triggered_at)
     select id, 1, target_price, 'SENT', '2025-12-31' from watches`,
  )
  await database.client.query('vacuum (analyze)')
}

function atPrice(event: MskEvent, price: number): MskEvent {
  const records = Object.entries(event.records).map(([partition, ofPartition]) => [
    partition,
    ofPartition.map((record) => {
      const value = JSON.parse(textOf(record.value ?? '') ?? '')
      return {
        ...record,
        value: Buffer.from(JSON.stringify({ ...value, current_price: price })).toString('base64'),
      }
    }),
  ])
  return { ...event, records: Object.fromEntries(records) }
}
