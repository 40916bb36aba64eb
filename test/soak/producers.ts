import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { KeeperError } from '../../lambdas/core/errors.ts'
import { closeProducers, openProducer } from '../core/kafka/sending.ts'
import { priceEvent } from '../helpers/msk-events.ts'
import { numbers } from '../local/until.ts'
import type { Engines } from './engines.ts'

export const TOPIC = 'price-updates'
export const ASINS = numbers(10).map((number) => `B00000000${number}`)

/** A price that no other equals, or a poison. */
interface Message {
  /** What the tables make of it. */
  readonly id: string
  readonly key: string
  readonly value: string
  readonly timeMs: number
}

/** Our producer, on the network that fails, and one of others', directly, with headers of any name and other codecs. */
export interface Producers {
  /** What the broker has acknowledged, and when each says that it was observed. */
  readonly acknowledged: ReadonlyMap<string, number>
  /** Whatever was sent: without an acknowledgement it may be stored, and need not. */
  readonly sent: ReadonlySet<string>
  /** Waits until nothing is in flight, and sends nothing until `open`. */
  shut(): Promise<void>
  open(): void
  /** Ends for good. */
  stop(): Promise<void>
}

const BATCH = 10
const PAUSE_MS = 100

export function startProducers({ broker, keeperKafka }: Engines): Producers {
  const acknowledged = new Map<string, number>()
  const sent = new Set<string>()
  // Fresh enough to be told of, and never ahead of the clock: a batch of ten takes a tenth of a second at least.
  const beginMs = Date.now() - 600_000
  const own = openProducer(keeperKafka, TOPIC)
  let foreign: Promise<Producer> | undefined
  let gate = Promise.withResolvers<void>()
  gate.resolve()
  let isOver = false
  let inFlight: Promise<unknown> = Promise.resolve()

  async function sendOwn({ key, value }: Message): Promise<boolean> {
    try {
      await own.send({ key, value })
      return true
    } catch (error) {
      if (error instanceof KeeperError && error.retriable) return false
      throw error
    }
  }

  /** The next send connects again. */
  const giveUp = (error: unknown): never => {
    foreign = undefined
    throw error
  }

  /** Its retries may write a record twice. */
  async function sendForeign({ id, key, value }: Message): Promise<boolean> {
    const headers = Object.fromEntries(['constructor', '__proto__', 'trace'].map((name) => [name, [id, id]]))
    try {
      foreign ??= openForeign(broker.bootstrapServers)
      await (await foreign.catch(giveUp)).send({
        topic: TOPIC,
        acks: -1,
        messages: [{ key, value, headers }],
      })
      return true
    } catch {
      return false
    }
  }

  async function send(message: Message, index: number): Promise<void> {
    sent.add(message.id)
    const isAcknowledged = await (index % 5 === 4 ? sendForeign(message) : sendOwn(message))
    if (isAcknowledged) acknowledged.set(message.id, message.timeMs)
  }

  async function sendAll(): Promise<void> {
    for (let number = 0; !isOver; number += BATCH) {
      await gate.promise
      const batch = numbers(BATCH).map((index) => messageOf(number + index, beginMs))
      inFlight = Promise.all(batch.map(send))
      await inFlight
      await sleep(PAUSE_MS)
    }
  }

  const sending = sendAll()
  return {
    ...{ acknowledged, sent },
    shut: async () => {
      gate = Promise.withResolvers<void>()
      // A batch that passed just before is in flight a moment later.
      for (let seen: unknown; seen !== inFlight; ) {
        seen = inFlight
        await seen
        await sleep(0)
      }
    },
    open: () => gate.resolve(),
    stop: async () => {
      isOver = true
      gate.resolve()
      await sending
      await closeProducers()
      await (await foreign?.catch(() => undefined))?.disconnect()
    },
  }
}

/** A price has a millisecond of its own, so that it is told from every other. */
function messageOf(number: number, beginMs: number): Message {
  const asin = ASINS[number % ASINS.length] ?? ''
  const timeMs = beginMs + number
  if (number % 25 === 7) return { id: `poison ${number}`, key: asin, value: `poison ${number}`, timeMs }
  const timestamp = new Date(timeMs).toISOString().slice(0, 23)
  const price = (1_500 + ((number * 7_919) % 6_000)) / 100
  const value = JSON.stringify(priceEvent({ asin, timestamp, current_price: price }))
  return { id: `${asin} ${timestamp} ${price.toFixed(2)}`, key: asin, value, timeMs }
}

async function openForeign(bootstrapServers: string): Promise<Producer> {
  const kafka = new Kafka({ brokers: [bootstrapServers], logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  return producer
}
