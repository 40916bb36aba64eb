import type { Message, Producer } from 'kafkajs'
import { REDRIVEN } from '../../core/consuming/redriven.ts'
import { KeeperError, messageOf } from '../../core/errors.ts'
import { explainSendError, isTooLarge } from '../../core/kafka/send-errors.ts'
import { metadataOf } from '../kafka/topics.ts'
import type { OperatorDependencies } from '../operation.ts'
import type { StoredHeader } from './rejected.ts'

/** A rejected record as it is in the table. */
export interface RejectedRow {
  readonly id: string
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly StoredHeader[]
  /** The record's time, milliseconds since 1970. */
  readonly recordedMs: string | null
}

/** A record that cannot be sent, and why. */
export interface NotSent {
  readonly id: string
  readonly reason: string
}

interface Sent {
  /** Ids of the rows that are in the log. */
  readonly sent: readonly string[]
  readonly notSent: readonly NotSent[]
  /** What ended the sending: the rows that are in neither list may be in the log or not. */
  readonly failure?: unknown
}

/** Sends the rows topic by topic, with acknowledgements of all replicas. */
export async function sendAgain(
  rows: readonly RejectedRow[],
  dependencies: OperatorDependencies,
): Promise<Sent> {
  const sent: string[] = []
  const notSent: NotSent[] = []
  if (rows.length === 0) return { sent, notSent }
  const { kafka, log } = dependencies
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { retries: 5, initialRetryTime: 200 },
  })
  try {
    await producer.connect()
    for (const [topic, its] of Map.groupBy(rows, (row) => row.topic)) {
      const reason = await missing(topic, dependencies)
      for (const row of its) {
        const why = reason ?? (row.headers.some(({ value }) => value === null) ? NULL_HEADER : undefined)
        if (why !== undefined) notSent.push({ id: row.id, reason: why })
      }
      const sendable = its.filter((row) => notSent.every(({ id: not }) => not !== row.id))
      for (const { id: row, reason: why } of await deliver(producer, topic, sendable, dependencies)) {
        if (why === undefined) sent.push(row)
        else notSent.push({ id: row, reason: why })
      }
    }
    return { sent, notSent }
  } catch (failure) {
    return { sent, notSent, failure }
  } finally {
    await producer.disconnect().catch((error: unknown) => {
      log.warn('a producer did not disconnect', { detail: messageOf(error) })
    })
  }
}

const NULL_HEADER = 'it has a header without a value, which kafkajs cannot send'

/** Why a topic cannot be sent to, where it was deleted. */
const missing = (topic: string, dependencies: OperatorDependencies): Promise<string | undefined> =>
  metadataOf(topic, dependencies).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof KeeperError && error.code === 'no_such_topic') return error.message
      throw error
    },
  )

interface Outcome {
  readonly id: string
  /** Why it was not sent; undefined where it was. */
  readonly reason?: string
}

async function deliver(
  producer: Producer,
  topic: string,
  rows: readonly RejectedRow[],
  dependencies: OperatorDependencies,
): Promise<readonly Outcome[]> {
  if (rows.length === 0) return []
  try {
    await producer.send({ topic, acks: -1, messages: rows.map(redrivenMessage) })
    return rows.map(({ id: row }) => ({ id: row }))
  } catch (error) {
    if (!isTooLarge(error)) throw explainSendError(error, topic, dependencies.bootstrapServers)
    const [only] = rows
    if (only && rows.length === 1) {
      return [{ id: only.id, reason: `with the headers that it gains it is larger than ${topic} takes` }]
    }
    const outcomes: Outcome[] = []
    for (const row of rows) outcomes.push(...(await deliver(producer, topic, [row], dependencies)))
    return outcomes
  }
}

/** The record as it was, and where it comes from; its time is now, or Kafka would delete it by its age. */
function redrivenMessage({
  key,
  value,
  headers,
  topic,
  partition,
  offset,
  recordedMs,
}: RejectedRow): Message {
  const kept: Record<string, Buffer[]> = Object.create(null)
  for (const { key: name, value: held } of headers) {
    if (held === null || name === REDRIVEN.count) continue
    kept[name] = [...(kept[name] ?? []), Buffer.from(held, 'base64')]
  }
  const from = [...(kept[REDRIVEN.from] ?? []), Buffer.from(`${topic}/${partition}/${offset}`)]
  const gained: Record<string, Buffer[]> = {
    [REDRIVEN.from]: from,
    [REDRIVEN.count]: [Buffer.from(String(from.length))],
  }
  if (recordedMs !== null && !kept[REDRIVEN.recordTimestamp]) {
    gained[REDRIVEN.recordTimestamp] = [Buffer.from(recordedMs)]
  }
  return { key, value, headers: { ...kept, ...gained } }
}
