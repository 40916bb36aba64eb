import type { KafkaRecord } from '../kafka/record-batches.ts'

const NO_HEADERS = '[]'

/** What stands around the parts of every record, and the comma behind it. */
const FRAME_BYTES = '{"topic":"","partition":,"offset":,"timestamp":,"timestampType":"","value":,"headers":},'
  .length
const KEY_FRAME_BYTES = '"key":"",'.length

/**
 * A record of Kafka on its way into an event. It waits as it came, and becomes JSON in the payload itself: texts made
 * when it arrives cost more to keep than to make.
 */
export class BufferedRecord {
  readonly #topic: string
  readonly #partition: number
  readonly #record: KafkaRecord
  /** As JSON. */
  readonly #headers: string
  /** Its bytes in the payload, the comma behind it included. */
  readonly bytes: number

  constructor(topic: string, partition: number, record: KafkaRecord) {
    this.#topic = topic
    this.#partition = partition
    this.#record = record
    this.#headers = headersOf(record)
    const { offset, timestampMs, timestampType, key, value } = record
    this.bytes =
      FRAME_BYTES +
      topic.length +
      String(partition).length +
      String(offset).length +
      String(timestampMs).length +
      timestampType.length +
      (key ? KEY_FRAME_BYTES + base64Length(key) : 0) +
      (value ? 2 + base64Length(value) : 'null'.length) +
      (this.#isAscii ? NO_HEADERS.length : Buffer.byteLength(this.#headers))
  }

  get key(): Buffer | null {
    return this.#record.key
  }

  get offset(): bigint {
    return BigInt(this.#record.offset)
  }

  /** Milliseconds since 1970. */
  get timestampMs(): number {
    return this.#record.timestampMs
  }

  /**
   * Writes the record of the event as JSON at `at`, and gives where it ends. It is put together by hand: Base64 and
   * numbers need no escapes. https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html (example event)
   */
  write(payload: Buffer, at: number): number {
    const { offset, timestampMs, timestampType, key, value } = this.#record
    const json =
      `{"topic":"${this.#topic}","partition":${this.#partition},"offset":${offset},"timestamp":${timestampMs},` +
      `"timestampType":"${timestampType}",${key ? `"key":"${key.toString('base64')}",` : ''}` +
      `"value":${value ? `"${value.toString('base64')}"` : null},"headers":${this.#headers}}`
    return at + payload.write(json, at, this.#isAscii ? 'latin1' : 'utf8')
  }

  /** Only a header's name may hold a character of more than one byte. */
  get #isAscii(): boolean {
    return this.#headers === NO_HEADERS
  }
}

const base64Length = ({ length }: Buffer): number => 4 * Math.ceil(length / 3)

/** One object a header, in their order; Java's bytes are signed. A name is data: it is never a key of an object here. */
function headersOf({ headers }: KafkaRecord): string {
  if (headers.length === 0) return NO_HEADERS
  const list = headers.map(
    ([name, value]) => `{${JSON.stringify(name)}:${value ? `[${new Int8Array(value).join()}]` : null}}`,
  )
  return `[${list.join()}]`
}
