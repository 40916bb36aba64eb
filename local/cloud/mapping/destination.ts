import { randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Kafka, Partitioners, type Producer } from 'kafkajs'
import { functionArn } from '../account.ts'
import { type EventHead, payloadOf } from './batch.ts'
import type { BufferedRecord } from './record.ts'

/** Where records go that failed for good. */
export type Destination =
  | { readonly kind: 'kafka'; readonly topic: string }
  | { readonly kind: 's3' | 'sqs' | 'sns'; readonly name: string }

/** Why a record was given up. */
export type DropCondition =
  | 'RetryAttemptsExhausted'
  | 'MaximumRecordAgeExceeded'
  | 'MaximumPayloadSizeExceeded'

/** A record that was given up, and what was tried with it. */
export interface DroppedRecord {
  readonly topic: string
  readonly partition: number
  readonly record: BufferedRecord
  readonly condition: DropCondition
  readonly invokes: number
  /** Of the last invocation with it; undefined where there was none. */
  readonly requestId: string | undefined
  readonly functionName: string
  readonly atMs: number
}

/** Takes what is given up; fails where it cannot. */
export interface DestinationWriter {
  write(dropped: DroppedRecord): Promise<void>
  close(): Promise<void>
}

/** Opens a destination: a topic of the same cluster, or a folder of `directory` in place of a bucket, queue or topic of SNS. */
export function openDestination(
  destination: Destination,
  head: EventHead,
  { kafka, directory }: { readonly kafka: Kafka; readonly directory: string },
): DestinationWriter {
  return destination.kind === 'kafka'
    ? kafkaWriter(kafka, destination.topic, head)
    : folderWriter(join(directory, destination.name), destination.kind, head)
}

/** The message has the key of the record, so that records of one key stay together. */
function kafkaWriter(kafka: Kafka, topic: string, head: EventHead): DestinationWriter {
  let connected: Promise<Producer> | undefined
  const connect = async () => {
    const producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    })
    await producer.connect()
    return producer
  }
  return {
    write: async (dropped) => {
      connected ??= connect()
      const producer = await connected.catch((error: unknown) => {
        connected = undefined
        throw error
      })
      const value = JSON.stringify({
        ...documentOf(dropped, head),
        payload: JSON.parse(eventOf(dropped, head).toString()),
      })
      await producer.send({
        topic,
        acks: -1,
        messages: [{ key: dropped.record.key, value }],
      })
    },
    close: async () => {
      await (await connected?.catch(() => undefined))?.disconnect()
    },
  }
}

/** A file appears whole: under a name of its own first. */
function folderWriter(folder: string, kind: 's3' | 'sqs' | 'sns', head: EventHead): DestinationWriter {
  return {
    write: async (dropped) => {
      const document = documentOf(dropped, head)
      const text = JSON.stringify(
        kind === 's3' ? { ...document, payload: eventOf(dropped, head).toString() } : document,
        undefined,
        2,
      )
      const { topic, partition, record } = dropped
      const file = join(folder, `${topic}-${partition}-${record.offset}-${randomUUID()}.json`)
      await mkdir(folder, { recursive: true })
      await writeFile(`${file}.part`, text)
      await rename(`${file}.part`, file)
    },
    close: async () => undefined,
  }
}

const eventOf = ({ topic, partition, record }: DroppedRecord, head: EventHead): Buffer =>
  payloadOf({ topic, slices: [{ partition, records: [record] }] }, head)

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html and
 * https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html (a document a record)
 */
const documentOf = (dropped: DroppedRecord, head: EventHead) => ({
  requestContext: {
    requestId: dropped.requestId ?? randomUUID(),
    functionArn: functionArn(dropped.functionName),
    condition: dropped.condition,
    approximateInvokeCount: dropped.invokes,
  },
  responseContext:
    dropped.requestId === undefined
      ? null
      : { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  version: '1.0',
  timestamp: new Date(dropped.atMs).toISOString(),
  KafkaBatchInfo: {
    batchSize: 1,
    eventSourceArn: head.eventSourceArn,
    bootstrapServers: head.bootstrapServers,
    payloadSize: eventOf(dropped, head).length,
    recordInfo: {
      offset: String(dropped.record.offset),
      timestamp: new Date(dropped.record.timestampMs).toISOString(),
    },
  },
})
