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
  /** Undefined for Kafka that is self-managed. */
  readonly eventSourceArn: string | undefined
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string
}

/** Lambda's limit for the payload of an invocation, in bytes. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

/** The event as JSON, which the records write into one buffer. */
export function payloadOf({ topic, slices }: Batch, head: EventHead): Buffer {
  const { eventSourceArn, bootstrapServers } = head
  const eventSource = eventSourceArn === undefined ? 'SelfManagedKafka' : 'aws:kafka'
  const before = JSON.stringify({ eventSource, eventSourceArn, bootstrapServers }).slice(0, -1)
  const opening = `${before},"records":{`
  let room = Buffer.byteLength(`${opening}}}`)
  for (const { partition, records } of slices) {
    room += records.reduce((sum, { bytes }) => sum + bytes, sliceBytes(topic, partition))
  }
  const payload = Buffer.allocUnsafeSlow(room)
  let end = payload.write(opening)
  for (const [index, { partition, records }] of slices.entries()) {
    end += payload.write(`${index > 0 ? ',' : ''}"${topic}-${partition}":[`, end)
    for (const [place, record] of records.entries()) {
      if (place > 0) end += payload.write(',', end)
      end = record.write(payload, end)
    }
    end += payload.write(']', end)
  }
  return payload.subarray(0, end + payload.write('}}', end))
}

/** How many bytes of a payload are left for slices. */
export const slicesRoom = (head: EventHead): number =>
  MAX_PAYLOAD_BYTES - payloadOf({ topic: '', slices: [] }, head).length

/** The bytes of a slice around its records, the comma behind it included; a record counts its own comma. */
export const sliceBytes = (topic: string, partition: number): number =>
  Buffer.byteLength(`"${topic}-${partition}":[],`)
