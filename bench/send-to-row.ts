import { setTimeout as sleep } from 'node:timers/promises'
import type { Producer } from 'kafkajs'
import type pg from 'pg'
import { PriceStream } from './input.ts'
import { type Bench, median, type Sample } from './measure.ts'
import { benchProducer, PARTITIONS, type PricePipeline } from './price-pipeline.ts'

const EVENTS_A_SECOND = 100
const EVENTS = 500
/** Events of the beginning, which wait for processes and connections. */
const WARM_UP = 200

/** How long an event is on its way, from its send to its row, where events come one by one. */
export function sendToRow(pipeline: PricePipeline): Bench {
  const stream = new PriceStream(10)
  const peer = (name: string, pick: (sorted: readonly number[]) => number) => ({
    name,
    run: async (): Promise<Sample> => {
      const times = await timesOf(pipeline, stream)
      return { units: 1, ms: pick(times.toSorted((a, b) => a - b)) }
    },
  })
  return {
    group: 'end-to-end',
    name: 'from send to row',
    what: '1000 / milliseconds from before an event is sent until its committed row is seen',
    input: `${EVENTS_A_SECOND} events a second in ${PARTITIONS} partitions, window 0; ${EVENTS} events after ${WARM_UP}, looked for every millisecond`,
    unit: '/s',
    peers: [
      peer('by the median', median),
      peer('by the 99th percentile', (sorted) => sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN),
    ],
  }
}

/** Milliseconds of each event after the warm-up. */
async function timesOf(pipeline: PricePipeline, stream: PriceStream): Promise<readonly number[]> {
  const { database, kafka } = pipeline
  const topic = await pipeline.freshTopic()
  const producer = benchProducer(kafka)
  await producer.connect()
  await database.client.query('truncate price_history')
  const cloud = pipeline.consumerOf(topic, { batchSize: 100, windowSeconds: 0 })
  cloud.startMappings()
  const sent = send(producer, topic, stream)
  const seenAt = await look(database.client)
  const times = (await sent).map(({ place, atMs }) => (seenAt.get(place) ?? Number.NaN) - atMs)
  await producer.disconnect()
  await cloud.stop()
  await pipeline.deleteTopic(topic)
  return times.slice(WARM_UP)
}

/** Sends events at their own pace, whatever the acknowledgements take; gives where each is in the log. */
async function send(producer: Producer, topic: string, stream: PriceStream) {
  const start = performance.now()
  const events: Promise<{ readonly place: string; readonly atMs: number }>[] = []
  for (let index = 0; index < WARM_UP + EVENTS; index += 1) {
    await sleep(Math.max(0, start + (index * 1_000) / EVENTS_A_SECOND - performance.now()))
    const { asin, json } = stream.nextValue('price')
    const atMs = performance.now()
    const sending = producer.send({ topic, acks: -1, messages: [{ key: asin, value: json }] })
    events.push(sending.then(([sent]) => ({ place: `${sent?.partition}/${sent?.baseOffset}`, atMs })))
  }
  return Promise.all(events)
}

/** When each row was seen first, by its place in the log. A partition's rows are committed in their order. */
async function look(client: pg.ClientBase): Promise<ReadonlyMap<string, number>> {
  const seenAt = new Map<string, number>()
  const next = new Map<number, number>()
  while (seenAt.size < WARM_UP + EVENTS) {
    const { rows } = await client.query<{ partition: number; newest: number }>(
      'select partition, max("offset")::integer as newest from price_history group by partition',
    )
    const now = performance.now()
    for (const { partition, newest } of rows) {
      for (let offset = next.get(partition) ?? 0; offset <= newest; offset += 1) {
        seenAt.set(`${partition}/${offset}`, now)
      }
      next.set(partition, newest + 1)
    }
    await sleep(1)
  }
  return seenAt
}
