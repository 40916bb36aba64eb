import type { KafkaMessage } from 'kafkajs'

/** A Kafka message as it stands in an event: the JSON that Lambda is sent, made once when the message arrives. */
export interface BufferedRecord {
  readonly offset: bigint
  /** The record of the event, as JSON text. */
  readonly json: string
  /** Its bytes in the payload, the comma behind it included. */
  readonly bytes: number
}

/**
 * Puts the text together by hand: Base64 and numbers need no escapes, and JSON.stringify takes a third of all the time
 * that a mapping takes. https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html (example event)
 */
export function bufferRecord(topic: string, partition: number, message: KafkaMessage): BufferedRecord {
  const { offset, timestamp, key, value } = message
  const json =
    `{"topic":"${topic}","partition":${partition},"offset":${offset},"timestamp":${timestamp},` +
    `"timestampType":"CREATE_TIME",${key ? `"key":"${key.toString('base64')}",` : ''}` +
    `"value":${value ? `"${value.toString('base64')}"` : null},"headers":${headersOf(message)}}`
  return { offset: BigInt(offset), json, bytes: Buffer.byteLength(json) + 1 }
}

/** One object a header; Java's bytes are signed. */
function headersOf({ headers }: KafkaMessage): string {
  const list = Object.entries(headers ?? {}).flatMap(([name, values]) =>
    [values ?? []].flat().map((value) => ({ [name]: [...new Int8Array(Buffer.from(value))] })),
  )
  return list.length === 0 ? '[]' : JSON.stringify(list)
}
