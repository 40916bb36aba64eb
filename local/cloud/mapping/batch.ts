import type { BufferedRecord } from './record.ts'

/** Some records of one partition, in offset order. */
export interface Slice {
  readonly partition: number
  readonly records: readonly BufferedRecord[]
}

/** The records of one invocation, by partition. */
export interface Batch {
  readonly topic: string
  readonly slices: readonly Slice[]
}

/** What every event of a mapping says beside its records. */
export interface EventHead {
  readonly eventSourceArn: string
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string
}

/** Lambda's limit for the payload of an invocation, in bytes. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

/** The event as JSON text, put together from the records' own texts. */
export function payloadOf({ topic, slices }: Batch, head: EventHead): string {
  const { eventSourceArn, bootstrapServers } = head
  const before = JSON.stringify({ eventSource: 'aws:kafka', eventSourceArn, bootstrapServers }).slice(0, -1)
  const lists = slices.map(
    ({ partition, records }) =>
      `${JSON.stringify(`${topic}-${partition}`)}:[${records.map(({ json }) => json).join(',')}]`,
  )
  return `${before},"records":{${lists.join(',')}}}`
}

/** How many bytes of a payload are left for slices. */
export const slicesRoom = (head: EventHead): number =>
  MAX_PAYLOAD_BYTES - Buffer.byteLength(payloadOf({ topic: '', slices: [] }, head))

/** The bytes of a slice around its records, the comma behind it included; a record counts its own comma. */
export const sliceBytes = (topic: string, partition: number): number =>
  Buffer.byteLength(`"${topic}-${partition}":[],`)
