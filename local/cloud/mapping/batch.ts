import type { BufferedRecord } from './record.ts'

/** Records of one invocation, by partition. */
export type Batch = ReadonlyMap<number, readonly BufferedRecord[]>

/** What every event of a mapping says beside its records. */
export interface EventHead {
  readonly eventSourceArn: string
  readonly bootstrapServers: string
  readonly topic: string
}

/** Lambda's limit for the payload of an invocation, in bytes. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

/** Room for what stands around the records: the head, and a key a partition. */
export const HEAD_BYTES = 2_048

/** The event as JSON text, put together from the records' own texts. */
export function payloadOf(batch: Batch, { eventSourceArn, bootstrapServers, topic }: EventHead): string {
  const head = JSON.stringify({ eventSource: 'aws:kafka', eventSourceArn, bootstrapServers })
  const partitions = [...batch].map(
    ([partition, records]) =>
      `${JSON.stringify(`${topic}-${partition}`)}:[${records.map(({ json }) => json).join(',')}]`,
  )
  return `${head.slice(0, -1)},"records":{${partitions.join(',')}}}`
}

/** How many records a batch has. */
export const sizeOf = (batch: Batch): number =>
  [...batch.values()].reduce((sum, records) => sum + records.length, 0)

/** The offset from which each partition goes on once the batch is done. */
export const endOffsets = (batch: Batch): ReadonlyMap<number, bigint> =>
  new Map([...batch].map(([partition, records]) => [partition, (records.at(-1)?.offset ?? -1n) + 1n]))
