import { isUtf8 } from 'node:buffer'

/**
 * The event with which Lambda's event source mapping for Amazon MSK invokes a function.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 */

/** The event as Lambda sends it. */
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
  /** Milliseconds since 1970; below 0 if the broker has none. */
  readonly timestamp?: number
  readonly timestampType?: string
  /** Base64. */
  readonly key?: string | null
  /** Base64; missing or null for a tombstone. */
  readonly value?: string | null
  /** Each an object with one name and the value's bytes, signed (as in Java) or unsigned. Kafka allows a null value. */
  readonly headers?: readonly Readonly<Record<string, readonly number[] | null>>[] | null
}

/** The records of one partition in an event. */
export interface PartitionRecords {
  /** `<topic>-<partition>`, as in a batch item failure. */
  readonly id: string
  readonly records: readonly MskRecord[]
}

/** An event's records partition by partition, in the order in which Lambda sent them. */
export const recordsByPartition = (event: MskEvent): readonly PartitionRecords[] =>
  Object.entries(event.records ?? {}).map(([id, records]) => ({ id, records }))

/** The bytes of a key or value. */
export const bytesOf = (base64: string | null | undefined): Buffer | null =>
  typeof base64 === 'string' ? Buffer.from(base64, 'base64') : null

/**
 * The text of a value without a byte order mark, or undefined if its bytes are not UTF-8.
 * @throws DOMException if it is not base64, which Lambda never sends
 */
export function textOf(base64: string): string | undefined {
  const latin1 = atob(base64)
  if (!BEYOND_ASCII.test(latin1)) return latin1
  const bytes = Buffer.from(latin1, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8').replace(BYTE_ORDER_MARK, '') : undefined
}

/** Some producers on Windows write it; JSON.parse rejects it, and RFC 8259 lets a reader ignore it. */
const BYTE_ORDER_MARK = /^\uFEFF/

/** In ASCII a byte is a character, so nothing has to be decoded: most texts are read in a third of the time. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
const BEYOND_ASCII = /[^\x00-\x7f]/

/** The last time that a Date can hold; Postgres's range is larger. */
const LAST_MS = 8.64e15

/** Milliseconds since 1970, or undefined if the broker has none or a Date cannot hold it. */
export const timestampOf = ({ timestamp }: MskRecord): number | undefined =>
  typeof timestamp === 'number' && timestamp >= 0 && timestamp <= LAST_MS ? timestamp : undefined

/** A record's header. */
export interface Header {
  readonly name: string
  readonly value: Buffer | null
}

/** A record's headers in order; a name may occur more than once. */
export const headersOf = ({ headers }: MskRecord): readonly Header[] =>
  (headers ?? []).flatMap((header) =>
    Object.entries(header).map(([name, value]) => ({
      name,
      // Buffer takes each number modulo 256.
      value: value === null ? null : Buffer.from(value),
    })),
  )
