import type { KafkaMessage } from 'kafkajs'

/** What kafkajs gives and does not declare: of the batch of records that the message lay in. */
interface FromBatch {
  readonly batchContext?: { readonly timestampType?: number }
}

/** https://kafka.apache.org/documentation/#recordbatch (attributes, bit 3) */
const LOG_APPEND_TIME = 1

const NO_HEADERS = '[]'

/** What stands around the parts of every record, and the comma behind it. */
const FRAME_BYTES = '{"topic":"","partition":,"offset":,"timestamp":,"timestampType":"","value":,"headers":},'
  .length
const KEY_FRAME_BYTES = '"key":"",'.length

/**
 * A Kafka message on its way into an event. It waits as it came, and becomes JSON in the payload itself: texts made when
 * it arrives cost more to keep than to make.
 */
export class BufferedRecord {
  readonly #topic: string
  readonly #partition: number
  readonly #message: KafkaMessage & FromBatch
  /** As JSON. */
  readonly #headers: string
  /** Its bytes in the payload, the comma behind it included. */
  readonly bytes: number

  constructor(topic: string, partition: number, message: KafkaMessage & FromBatch) {
    this.#topic = topic
    this.#partition = partition
    this.#message = message
    this.#headers = headersOf(message)
    const { offset, timestamp, key, value } = message
    this.bytes =
      FRAME_BYTES +
      topic.length +
      String(partition).length +
      offset.length +
      timestamp.length +
      timestampTypeOf(message).length +
      (key ? KEY_FRAME_BYTES + base64Length(key) : 0) +
      (value ? 2 + base64Length(value) : 'null'.length) +
      (this.#isAscii ? NO_HEADERS.length : Buffer.byteLength(this.#headers))
  }

  get key(): Buffer | null {
    return this.#message.key
  }

  get offset(): bigint {
    return BigInt(this.#message.offset)
  }

  /** Milliseconds since 1970. */
  get timestampMs(): number {
    return Number(this.#message.timestamp)
  }

  /**
   * Writes the record of the event as JSON at `at`, and gives where it ends. It is put together by hand: Base64 and
   * numbers need no escapes. https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html (example event)
   */
  write(payload: Buffer, at: number): number {
    const { offset, timestamp, key, value } = this.#message
    const json =
      `{"topic":"${this.#topic}","partition":${this.#partition},"offset":${offset},"timestamp":${timestamp},` +
      `"timestampType":"${timestampTypeOf(this.#message)}",${key ? `"key":"${key.toString('base64')}",` : ''}` +
      `"value":${value ? `"${value.toString('base64')}"` : null},"headers":${this.#headers}}`
    return at + payload.write(json, at, this.#isAscii ? 'latin1' : 'utf8')
  }

  /** Only a header's name may hold a character of more than one byte. */
  get #isAscii(): boolean {
    return this.#headers === NO_HEADERS
  }
}

const timestampTypeOf = ({ batchContext }: FromBatch): string =>
  batchContext?.timestampType === LOG_APPEND_TIME ? 'LOG_APPEND_TIME' : 'CREATE_TIME'

const base64Length = ({ length }: Buffer): number => 4 * Math.ceil(length / 3)

/** One object a header; Java's bytes are signed. */
function headersOf({ headers = {} }: KafkaMessage): string {
  const names = Object.keys(headers)
  if (names.length === 0) return NO_HEADERS
  const list = names.flatMap((name) =>
    [headers[name] ?? []].flat().map((value) => ({ [name]: [...new Int8Array(Buffer.from(value))] })),
  )
  return JSON.stringify(list)
}
