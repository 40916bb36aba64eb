import { decompress } from './compression/codecs.ts'
import { crc32c } from './crc32c.ts'
import { WireReader } from './wire.ts'

/** A record as Kafka has it. */
export interface KafkaRecord {
  readonly offset: number
  /** Milliseconds since 1970. */
  readonly timestampMs: number
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME'
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** In their order; a name may come more than once, and a value may be null. */
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[]
}

/** An aborted transaction: its records from here on are not for consumers. */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/** What was read of a partition. */
export interface ReadRecords {
  readonly records: readonly KafkaRecord[]
  /** Where reading resumes: behind markers and aborted records as well. */
  readonly next: number
  /** Why the batch at `next` cannot be read, where it cannot. */
  readonly unreadable: string | undefined
}

const HEADER_BYTES = 61
const NO_HEADERS: KafkaRecord['headers'] = []

/** A batch's own fields. https://kafka.apache.org/41/design/message-format/ (record batch) */
interface Batch {
  readonly start: number
  readonly end: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly producerId: number
  readonly attributes: number
}

/**
 * Reads the records from `from` on; a batch that the answer's limit cut off is left for the next time. Records of
 * aborted transactions are left out.
 */
export function readBatches(
  bytes: Buffer,
  from: number,
  aborted: readonly AbortedTransaction[] = [],
): ReadRecords {
  const records: KafkaRecord[] = []
  const toCome = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const aborting = new Set<number>()
  let next = from
  try {
    for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
      const batch = batchAt(bytes, at)
      if (!batch) break
      at = batch.end
      if (batch.lastOffset < from) continue
      while ((toCome[0]?.firstOffset ?? Number.POSITIVE_INFINITY) <= batch.lastOffset) {
        aborting.add(toCome.shift()?.producerId ?? -1)
      }
      if (isControl(batch)) {
        if (isAbort(bytes, batch)) aborting.delete(batch.producerId)
      } else if (!(isTransactional(batch) && aborting.has(batch.producerId))) {
        for (const record of recordsOf(bytes, batch)) if (record.offset >= from) records.push(record)
      }
      next = batch.lastOffset + 1
    }
    return { records, next, unreadable: undefined }
  } catch (error) {
    return { records, next, unreadable: error instanceof Error ? error.message : String(error) }
  }
}

/** Undefined where the batch is not there to its end. */
function batchAt(bytes: Buffer, start: number): Batch | undefined {
  const end = start + 12 + bytes.readInt32BE(start + 8)
  if (end > bytes.length) return undefined
  const magic = bytes.readInt8(start + 16)
  if (magic !== 2) throw new Error(`it has format ${magic}, and Kafka writes format 2 since version 0.11`)
  if (end < start + HEADER_BYTES) throw new Error('it is shorter than its header')
  if (crc32c(bytes, start + 21, end) !== bytes.readUInt32BE(start + 17)) {
    throw new Error('its checksum is wrong')
  }
  const baseOffset = Number(bytes.readBigInt64BE(start))
  return {
    start,
    end,
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(start + 23),
    producerId: Number(bytes.readBigInt64BE(start + 43)),
    attributes: bytes.readInt16BE(start + 21),
  }
}

const isTransactional = ({ attributes }: Batch): boolean => (attributes & 0x10) !== 0
const isControl = ({ attributes }: Batch): boolean => (attributes & 0x20) !== 0

/** A marker's key is its version and its type, of which 0 is an abort. */
function isAbort(bytes: Buffer, batch: Batch): boolean {
  const [marker] = recordsOf(bytes, batch)
  return marker?.key?.readInt16BE(2) === 0
}

function recordsOf(bytes: Buffer, { start, end, baseOffset, attributes }: Batch): readonly KafkaRecord[] {
  const codec = attributes & 0x07
  const raw = bytes.subarray(start + HEADER_BYTES, end)
  const reader = new WireReader(codec === 0 ? raw : decompress(codec, raw))
  const isAppendTime = (attributes & 0x08) !== 0
  const baseTimestamp = Number(bytes.readBigInt64BE(start + 27))
  const maxTimestamp = Number(bytes.readBigInt64BE(start + 35))
  const count = bytes.readInt32BE(start + 57)
  const records: KafkaRecord[] = []
  for (let index = 0; index < count; index += 1) {
    const recordEnd = reader.signed() + reader.position
    reader.int8()
    const timestamp = baseTimestamp + reader.signed()
    records.push({
      timestampMs: isAppendTime ? maxTimestamp : timestamp,
      timestampType: isAppendTime ? 'LOG_APPEND_TIME' : 'CREATE_TIME',
      offset: baseOffset + reader.signed(),
      key: reader.signedBytes(),
      value: reader.signedBytes(),
      headers: headersOf(reader),
    })
    if (reader.position !== recordEnd) throw new Error(`its record ${index} is not as long as it says`)
  }
  return records
}

function headersOf(reader: WireReader): KafkaRecord['headers'] {
  const count = reader.signed()
  if (count === 0) return NO_HEADERS
  const headers: (readonly [string, Buffer | null])[] = []
  for (let index = 0; index < count; index += 1) {
    headers.push([reader.signedBytes()?.toString('utf8') ?? '', reader.signedBytes()])
  }
  return headers
}
