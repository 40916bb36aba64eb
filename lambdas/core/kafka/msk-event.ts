/**
 * The event with which Lambda's event source mapping for Amazon MSK invokes a function, read into records.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 */

/** The event as Lambda sends it. Keys and values are base64; both may be missing or null. */
export interface MskEvent {
  readonly eventSource?: string
  readonly eventSourceArn?: string
  readonly bootstrapServers?: string
  /** By `<topic>-<partition>`, in offset order. */
  readonly records: Readonly<Record<string, readonly MskRecord[]>>
}

export interface MskRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since 1970. */
  readonly timestamp?: number
  readonly timestampType?: string
  readonly key?: string | null
  readonly value?: string | null
  readonly headers?: readonly Readonly<Record<string, readonly number[]>>[] | null
}

/** A record with its bytes. */
export interface ConsumedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since 1970, or undefined where the broker has none. */
  readonly timestampMs: number | undefined
  readonly key: Buffer | null
  /** Null for a tombstone. */
  readonly value: Buffer | null
  readonly headers: readonly { readonly name: string; readonly value: Buffer }[]
}

/** The records of one partition in an event. */
export interface PartitionRecords {
  /** `<topic>-<partition>`: what a batch item failure names. */
  readonly id: string
  readonly records: readonly ConsumedRecord[]
}

/** Reads an event partition by partition, in the order in which Lambda sent them. */
export const recordsByPartition = (event: MskEvent): readonly PartitionRecords[] =>
  Object.entries(event.records ?? {}).map(([id, records]) => ({ id, records: records.map(readRecord) }))

function readRecord(record: MskRecord): ConsumedRecord {
  const { topic, partition, offset, timestamp } = record
  return {
    topic,
    partition,
    offset,
    timestampMs: typeof timestamp === 'number' && timestamp >= 0 ? timestamp : undefined,
    key: bytesOf(record.key),
    value: bytesOf(record.value),
    headers: (record.headers ?? []).flatMap((header) =>
      // Java's bytes are signed; Buffer takes each modulo 256.
      Object.entries(header).map(([name, value]) => ({ name, value: Buffer.from(value) })),
    ),
  }
}

const bytesOf = (base64: string | null | undefined): Buffer | null =>
  typeof base64 === 'string' ? Buffer.from(base64, 'base64') : null
