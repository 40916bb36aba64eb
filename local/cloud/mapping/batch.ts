import type { BufferedRecord } from './record.ts'

/** The records of one invocation: some of one partition, in offset order. */
export interface Batch {
  readonly topic: string
  readonly partition: number
  readonly records: readonly BufferedRecord[]
}

/** What every event of a mapping says beside its records. */
export interface EventHead {
  readonly eventSourceArn: string
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string
}

/** Lambda's limit for the payload of an invocation, in bytes. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

/** How many bytes of records a payload has room for; the rest is for what stands around them. */
export const MAX_RECORD_BYTES = MAX_PAYLOAD_BYTES - 4_096

/** The event as JSON text, put together from the records' own texts. */
export function payloadOf({ topic, partition, records }: Batch, head: EventHead): string {
  const { eventSourceArn, bootstrapServers } = head
  const before = JSON.stringify({ eventSource: 'aws:kafka', eventSourceArn, bootstrapServers }).slice(0, -1)
  const name = JSON.stringify(`${topic}-${partition}`)
  return `${before},"records":{${name}:[${records.map(({ json }) => json).join(',')}]}}`
}
