import type pg from 'pg'
import type { MskEvent, MskRecord } from '../lambdas/core/kafka/msk-event.ts'
import * as TOPICS from '../lambdas/core/topics.ts'

/** The inputs of the benches: the same numbers make the same input. */

export const PRODUCTS = 50_000
export const START_MS = Date.UTC(2026, 0, 1)

/** mulberry32: small, fast and the same everywhere; not for anything but drawing test data. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const asinOf = (product: number): string => `B${product.toString(36).toUpperCase().padStart(9, '0')}`

/** Makes 50,000 watched products of `de` with two watches each, whose targets a twentieth of the prices meet. */
export async function loadProducts(client: pg.ClientBase, products: number = PRODUCTS): Promise<void> {
  await client.query(
    `insert into watched_products (asin, domain, title, currency)
     select asin, 'de', 'Product ' || asin || ' with a title of some fifty letters', 'EUR' from unnest($1::text[]) as asin`,
    [Array.from({ length: products }, (_, product) => asinOf(product))],
  )
  await client.query("insert into users (email) values ('one@bench'), ('two@bench')")
  await client.query(
    `insert into watches (user_id, product_id, target_price, status)
     select users.id, product.id, 15, 'ACTIVE' from users, watched_products as product`,
  )
  await client.query('vacuum (analyze)')
}

/** Which products events are of: of so many, those of one partition of several, as keys are dealt out. */
export interface DrawnFrom {
  readonly products: number
  readonly partition: number
  readonly partitions: number
}

const ALL: DrawnFrom = { products: PRODUCTS, partition: 0, partitions: 1 }

/** A stream of price events over the products: each next one is later, prices are drawn between 10 and 110. */
export class PriceStream {
  readonly #draw: () => number
  readonly #everyMs: number
  #offset = 0

  constructor(seed: number, { everyMs = 1_000 } = {}) {
    this.#draw = random(seed)
    this.#everyMs = everyMs
  }

  /** The next `size` records, as the event of one invocation. */
  nextEvent(size: number, kind: 'price' | 'deal' = 'price', from: DrawnFrom = ALL): MskEvent {
    const topic = kind === 'price' ? TOPICS.prices.name : TOPICS.deals.name
    const records = Array.from({ length: size }, () => this.nextRecord(topic, kind, from))
    return { eventSource: 'aws:kafka', bootstrapServers: 'bench:9098', records: { [`${topic}-0`]: records } }
  }

  nextValue(
    kind: 'price' | 'deal',
    { products, partition, partitions }: DrawnFrom = ALL,
  ): { readonly asin: string; readonly json: string } {
    const asin = asinOf(Math.floor((this.#draw() * products) / partitions) * partitions + partition)
    const price = (1_000 + Math.floor(this.#draw() * 10_000)) / 100
    const timestamp = new Date(START_MS + this.#offset * this.#everyMs).toISOString().slice(0, 19)
    this.#offset += 1
    const shared = {
      asin,
      product_title: `Product ${asin} with a title of some fifty letters`,
      current_price: price,
    }
    const event =
      kind === 'price'
        ? {
            ...shared,
            target_price: 15,
            previous_price: null,
            price_change: 0,
            domain: 'de',
            currency: 'EUR',
            timestamp,
            event_type: 'price_update',
          }
        : {
            ...shared,
            original_price: 120,
            discount_percent: 20.5,
            rating: 4.5,
            review_count: 1847,
            sales_rank: 1200,
            domain: 'de',
            timestamp,
            event_type: 'deal_update',
          }
    return { asin, json: JSON.stringify(event) }
  }

  nextRecord(topic: string, kind: 'price' | 'deal', from: DrawnFrom): MskRecord {
    const offset = this.#offset
    const { asin, json } = this.nextValue(kind, from)
    return {
      topic,
      partition: 0,
      offset,
      timestamp: START_MS + offset * 1_000,
      timestampType: 'CREATE_TIME',
      key: Buffer.from(asin).toString('base64'),
      value: Buffer.from(json).toString('base64'),
      headers: [],
    }
  }
}
