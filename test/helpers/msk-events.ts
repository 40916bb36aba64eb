import type { MskEvent, MskRecord } from '../../lambdas/core/kafka/msk-event.ts'

/** A record for an event: its value as text, bytes or an object; null for a tombstone. */
export interface TestRecord {
  readonly value: unknown
  readonly key?: string | null
  readonly partition?: number
  readonly offset?: number
  /** Milliseconds since 1970; a fixed time unless given. */
  readonly timestamp?: number
  readonly headers?: MskRecord['headers']
}

const RECORD_TIME = Date.UTC(2026, 1, 20, 12, 31)

/** An event as the event source mapping sends it; offsets count up in each partition unless given. */
export function mskEvent(topic: string, records: readonly TestRecord[]): MskEvent {
  const partitions: Record<string, MskRecord[]> = {}
  for (const record of records) {
    const partition = record.partition ?? 0
    const id = `${topic}-${partition}`
    partitions[id] ??= []
    partitions[id].push({
      topic,
      partition,
      offset: record.offset ?? partitions[id].length,
      timestamp: record.timestamp ?? RECORD_TIME,
      timestampType: 'CREATE_TIME',
      ...(record.key ? { key: Buffer.from(record.key).toString('base64') } : {}),
      value: record.value === null ? null : bytesOf(record.value).toString('base64'),
      headers: record.headers ?? [],
    })
  }
  return {
    eventSource: 'aws:kafka',
    eventSourceArn: 'arn:aws:kafka:test',
    bootstrapServers: 'test:9098',
    records: partitions,
  }
}

function bytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
}

/** A price event of the contract with some fields changed. */
export const priceEvent = (changes: Readonly<Record<string, unknown>> = {}) => ({
  asin: 'B07W6JN8V8',
  product_title: 'Logitech K380',
  current_price: 49.99,
  target_price: null,
  previous_price: null,
  price_change: 0,
  domain: 'de',
  currency: 'EUR',
  timestamp: '2026-02-20T12:30:00',
  event_type: 'price_update',
  ...changes,
})

/** A deal event of the contract with some fields changed. */
export const dealEvent = (changes: Readonly<Record<string, unknown>> = {}) => ({
  asin: 'B07W6JN8V8',
  product_title: 'Logitech K380',
  current_price: 49.99,
  original_price: 59.99,
  discount_percent: 16.7,
  rating: 4.5,
  review_count: 1847,
  sales_rank: 1200,
  domain: 'de',
  timestamp: '2026-02-20T12:30:00',
  event_type: 'deal_update',
  ...changes,
})
