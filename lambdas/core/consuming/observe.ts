import type { PoolClient } from 'pg'
import { raiseAlerts } from '../postgres/price-alerts.ts'
import { notInHistory, type Observation, type PriceSource } from '../postgres/price-history.ts'
import { type ProductPrices, type Stored, storePrices } from '../postgres/store-prices.ts'
import type { AcceptedRecord, Delivery, PricedEvent, StoreCounts } from './consumer.ts'
import { hitsOf, pricesByProduct } from './news.ts'

/** How a consumer's prices are stored. */
export interface ObserveOptions<Event> {
  readonly source: PriceSource
  /** Makes the rows of products that have none; without it their prices are counted and passed over. */
  readonly createProducts?: (client: PoolClient, events: readonly Event[]) => Promise<void>
}

/**
 * Stores each record's price in its product's history, with what follows from it: current prices and alerts.
 * What follows is drawn from the rows that were new alone, so records that come again change nothing.
 */
export async function observePrices<Event extends PricedEvent & { readonly title: string }>(
  client: PoolClient,
  { source, createProducts }: ObserveOptions<Event>,
  records: readonly AcceptedRecord<Event>[],
  delivery: Delivery,
): Promise<StoreCounts> {
  const all = records.map(observationOf)
  let fresh = delivery === 'again' ? await notInHistory(client, source, all) : all
  let counts = NOTHING
  while (fresh.length > 0) {
    const products = pricesByProduct(fresh)
    const stored = await storePrices(client, source, products)
    if (!stored) {
      fresh = await notInHistory(client, source, fresh)
      continue
    }
    counts = {
      historyRows: counts.historyRows + sum(stored.products, ({ observations }) => observations.length),
      alerts: counts.alerts + (await alert(client, source, products, stored)),
      unwatched: fresh.length - sum(stored.products, (product) => product.records),
    }
    if (!createProducts || counts.unwatched === 0) break
    const withRow = new Set(stored.products)
    const without = products.filter((product) => !withRow.has(product))
    fresh = without.flatMap(({ observations }) => observations)
    await createProducts(
      client,
      fresh.flatMap(({ position }) => records[position]?.event ?? []),
    )
  }
  return counts
}

const NOTHING: StoreCounts = { historyRows: 0, alerts: 0, unwatched: 0 }

function alert(
  client: PoolClient,
  source: PriceSource,
  products: readonly ProductPrices[],
  { near }: Stored,
): Promise<number> {
  const beside = new Map(near.map(({ id, index }) => [id, products[index]?.observations ?? []]))
  return raiseAlerts(client, source, hitsOf(products, near), beside)
}

const observationOf = <Event extends PricedEvent & { readonly title: string }>(
  { record, event, price, time, timeFlag }: AcceptedRecord<Event>,
  position: number,
): Observation => ({
  position,
  domain: event.domain,
  asin: event.asin,
  title: event.title,
  price,
  time,
  timeFlag,
  topic: record.topic,
  partition: record.partition,
  offset: record.offset,
})

const sum = (products: readonly ProductPrices[], count: (product: ProductPrices) => number): number =>
  products.reduce((total, product) => total + count(product), 0)
