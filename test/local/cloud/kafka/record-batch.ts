import { crc32c } from '../../../../local/cloud/kafka/crc32c.ts'
import { WireWriter } from '../../../../local/cloud/kafka/wire.ts'

/** What a batch of a test has in it. */
export interface TestBatch {
  readonly offset: number
  readonly values: readonly string[]
  /** Where each value is, from the batch's offset on, if they do not follow each other: compaction leaves gaps. */
  readonly deltas?: readonly number[]
  /** The last offset of the batch as it was sent, from its own on; compaction keeps it. */
  readonly lastDelta?: number
  readonly attributes?: number
  readonly producerId?: number
  /** In place of the values: a marker of a transaction, 0 for abort and 1 for commit. */
  readonly marker?: 0 | 1
  /** In place of the records' bytes. */
  readonly body?: Buffer
}

const NONE = 1

/** A record batch as Kafka stores it. */
export function batchOf({
  offset,
  values,
  deltas,
  lastDelta,
  attributes = 0,
  producerId = -1,
  marker,
  body,
}: TestBatch): Buffer {
  const records =
    marker === undefined
      ? values.map((value, index) => recordOf(deltas?.[index] ?? index, undefined, Buffer.from(value)))
      : [recordOf(0, Buffer.from([0, 0, 0, marker]), Buffer.alloc(6))]
  const checked = new WireWriter()
    .int16(attributes | (marker === undefined ? 0 : 0x30))
    .int32(lastDelta ?? records.length - 1)
    .int64(1_700_000_000_000)
    .int64(1_700_000_000_000)
    .int64(producerId)
    .int16(0)
    .int32(-1)
    .int32(records.length)
    .bytes(body ?? Buffer.concat(records))
    .toBuffer()
  return new WireWriter()
    .int64(offset)
    .int32(9 + checked.length)
    .int32(0)
    .int8(2)
    .bytes(Buffer.from(Uint32Array.of(crc32c(checked, 0, checked.length)).buffer).swap32())
    .bytes(checked)
    .toBuffer()
}

/** Numbers stand in zigzag: twice what they are. */
function recordOf(index: number, key: Buffer | undefined, value: Buffer): Buffer {
  const record = new WireWriter()
    .int8(0)
    .unsigned(0)
    .unsigned(2 * index)
  if (key) record.unsigned(2 * key.length).bytes(key)
  else record.unsigned(NONE)
  const whole = record
    .unsigned(2 * value.length)
    .bytes(value)
    .unsigned(0)
    .toBuffer()
  return new WireWriter()
    .unsigned(2 * whole.length)
    .bytes(whole)
    .toBuffer()
}
