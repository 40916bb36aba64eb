import type { KafkaMessage } from 'kafkajs'

/** A Kafka message as it stands in an event: the JSON that Lambda is sent, made once when the message arrives. */
export interface BufferedRecord {
  readonly offset: bigint
  /** The record of the event, as JSON text. */
  readonly json: string
  /** Its bytes in the payload, the comma behind it included. */
  readonly bytes: number
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html (example event) */
export function bufferRecord(topic: string, partition: number, message: KafkaMessage): BufferedRecord {
  const json = JSON.stringify({
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    timestampType: 'CREATE_TIME',
    ...(message.key === null ? {} : { key: message.key.toString('base64') }),
    value: message.value === null ? null : message.value.toString('base64'),
    headers: headersOf(message),
  })
  return { offset: BigInt(message.offset), json, bytes: Buffer.byteLength(json) + 1 }
}

/** One object a header, in their order of names; Java's bytes are signed. */
function headersOf({ headers = {} }: KafkaMessage): Record<string, number[]>[] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values ?? []].flat().map((value) => ({ [name]: [...new Int8Array(Buffer.from(value))] })),
  )
}
