import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { ASIN } from './examples.ts'

/** What the page's commands find: a product whose price falls below its target, two deals, and one broken record. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const PRODUCT = { asin: ASIN, domain: 'de', product_title: 'Logitech K380 keyboard' }

const pricesAt = (nowMs: number) =>
  [
    [60 * DAY_MS, 54.99],
    [40 * DAY_MS, 49.99],
    [20 * DAY_MS, 57.5],
    [HOUR_MS, 44.99],
  ].map(([agoMs = 0, current_price]) => ({
    ...{ ...PRODUCT, event_type: 'price_update', current_price },
    timestamp: new Date(nowMs - agoMs).toISOString(),
  }))

const dealsAt = (nowMs: number) =>
  [
    { asin: 'B000000001', title: 'A kettle', current_price: 24, original_price: 60, discount_percent: 60 },
    { asin: 'B000000002', title: 'A lamp', current_price: 30, original_price: 40, discount_percent: 25 },
  ].map(({ title, ...deal }) => ({
    ...{ ...deal, domain: 'de', event_type: 'deal_update', product_title: title, rating: 4.5 },
    timestamp: new Date(nowMs - 2 * HOUR_MS).toISOString(),
  }))

/** Sends them, each with a time of its own that is some while before now. */
export async function sendEvents(bootstrapServers: string): Promise<void> {
  const kafka = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  try {
    const nowMs = Date.now()
    const values = (events: readonly object[]) => events.map((event) => JSON.stringify(event))
    await producer.send({
      topic: 'price-updates',
      messages: values(pricesAt(nowMs)).map((value) => ({ key: ASIN, value })),
    })
    await producer.send({
      topic: 'deal-updates',
      messages: [...values(dealsAt(nowMs)), '{"asin": "B0000'].map((value) => ({ value, partition: 0 })),
    })
  } finally {
    await producer.disconnect()
  }
}
