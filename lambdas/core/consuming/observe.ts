import type { PoolClient } from 'pg'
import { raiseAlerts } from '../postgres/price-alerts.ts'
import { addToHistory, type PriceSource } from '../postgres/price-history.ts'
import { changePrices, type LockedProduct, lockProducts } from '../postgres/watched-products.ts'
import type { AcceptedRecord, PricedEvent, StoreCounts } from './consumer.ts'
import { newsOf, type ProductObservation } from './news.ts'

/** Locks the products of events, in their order; undefined for one that is not to be stored. */
type LockAll<Event> = (
  client: PoolClient,
  events: readonly Event[],
) => Promise<readonly (LockedProduct | undefined)[]>

/**
 * Stores each record's price in its product's history, with what follows from it: current prices and alerts. Records
 * of products that have no row are counted and passed over.
 * What follows is drawn from the rows that were new alone, so records that come again change nothing.
 */
export async function observePrices<Event extends PricedEvent & { readonly title: string }>(
  client: PoolClient,
  source: PriceSource,
  records: readonly AcceptedRecord<Event>[],
  lock: LockAll<Event> = lockProducts,
): Promise<StoreCounts> {
  if (records.length === 0) return { historyRows: 0, alerts: 0, unwatched: 0 }
  const products = await lock(
    client,
    records.map(({ event }) => event),
  )
  const observations = records.flatMap(
    ({ record, event, price, time, timeFlag }, index): readonly ProductObservation[] => {
      const product = products[index]
      if (!product) return []
      const { topic, partition, offset } = record
      return [
        {
          product,
          productId: product.id,
          title: event.title,
          price,
          time,
          timeFlag,
          topic,
          partition,
          offset,
        },
      ]
    },
  )
  const fresh = await addToHistory(client, source, observations)
  const { changes, hits } = newsOf(fresh)
  await changePrices(client, changes)
  const alerts = await raiseAlerts(client, source, hits, fresh)
  return { historyRows: fresh.length, alerts, unwatched: records.length - observations.length }
}
