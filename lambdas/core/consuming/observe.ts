import type { PoolClient } from 'pg'
import { type PriceSource, storeObservations } from '../postgres/price-history.ts'
import { lockProducts } from '../postgres/watched-products.ts'
import type { AcceptedRecord, PricedEvent, StoreCounts } from './consumer.ts'

/**
 * Stores each record's price in its product's history, with what follows from it. Records of products that have no
 * row are counted and passed over.
 */
export async function observePrices<Event extends PricedEvent & { readonly title: string }>(
  client: PoolClient,
  source: PriceSource,
  records: readonly AcceptedRecord<Event>[],
): Promise<StoreCounts> {
  const idOf = await lockProducts(
    client,
    records.map(({ event }) => event),
  )
  const observations = records.flatMap(({ record, event, price, recordedAt, timeFlag }) => {
    const productId = idOf(event)
    if (productId === undefined) return []
    const { topic, partition, offset } = record
    return [{ productId, price, recordedAt, timeFlag, title: event.title, topic, partition, offset }]
  })
  const stored = await storeObservations(client, source, observations)
  return { ...stored, unwatched: records.length - observations.length }
}
