import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { KafkaConfig, Producer, RetryOptions } from 'kafkajs'
import type { KafkaWith, SentRecord } from '../../../lambdas/core/kafka/topic-producer.ts'
import { freePort } from '../../../local/engines/ports.ts'
import { askForOwnKafka } from '../../helpers/engines.ts'
import { type TestKafka, testKafka } from '../../helpers/kafka.ts'
import { stoppableBroker } from '../../helpers/stoppable.ts'
import { type LossyProxy, lossyProxy } from './lossy-proxy.ts'
import { closeProducers, openProducer, quietKafka, textAt, textsOf } from './sending.ts'

let broker: Awaited<ReturnType<typeof stoppableBroker>>
let proxy: LossyProxy
let kafka: TestKafka
let topic: string

beforeAll(async () => {
  const behindProxy = await freePort()
  proxy = await lossyProxy(behindProxy)
  broker = await stoppableBroker([
    { name: 'PROXIED', port: behindProxy, advertised: `localhost:${proxy.port}` },
  ])
})
beforeEach(async () => {
  await broker.start()
  kafka = await testKafka(broker.bootstrapServers)
  topic = await kafka.freshTopic('failures', { partitions: 3 })
})
afterEach(async () => {
  await closeProducers()
  await kafka.close()
})
afterAll(async () => {
  await proxy.close()
  await broker.dispose()
})

const direct = () => openProducer(broker.bootstrapServers, topic)
const proxied = () => openProducer(`localhost:${proxy.port}`, topic, impatient(proxy.port))
/** As many tries as a producer in AWS makes, with a tenth of its pauses. */
const quick = (retry: RetryOptions): RetryOptions => ({ ...retry, initialRetryTime: 20, maxRetryTime: 500 })
const impatient =
  (port: number, limits: Partial<KafkaConfig> = {}): KafkaWith =>
  (retry) =>
    quietKafka(`localhost:${port}`, { ...limits, retry: quick(retry) })
const asin = (number: number): string => `B0${String(number).padStart(8, '0')}`

/** How often a producer dials a broker that is down before it gives up, and once it has given up. */
const TRIES = 8
const QUICK_TRIES = 3

test('while the broker is down a send is refused after some tries, and once it is back the same producer sends', async () => {
  let dialled = 0
  const counted: KafkaWith = (retry) =>
    quietKafka(broker.bootstrapServers, {
      retry: quick(retry),
      socketFactory: ({ host, port, onConnect }) => {
        dialled += 1
        return connect({ host, port }, onConnect)
      },
    })
  const producer = openProducer(broker.bootstrapServers, topic, counted)
  await producer.send({ value: 'before' })
  await broker.stop()
  dialled = 0
  await expect(Promise.all([producer.send({ value: 'during' })])).rejects.toMatchObject({
    code: 'kafka_unreachable',
    message: expect.stringContaining(broker.bootstrapServers),
    retriable: true,
  })
  expect(dialled).toBeLessThan(3 * TRIES)
  dialled = 0
  // It tries long to connect once; while the broker stays away the rest of a run is not held up.
  await expect(producer.connect()).rejects.toMatchObject({ code: 'kafka_unreachable' })
  expect(dialled).toBe(TRIES)
  dialled = 0
  await expect(producer.connect()).rejects.toMatchObject({ code: 'kafka_unreachable' })
  expect(dialled).toBe(QUICK_TRIES)

  await broker.start()
  await producer.connect()
  const place = await producer.send({ value: 'after' })
  const stored = await kafka.readAll(topic)
  expect(textsOf(stored).toSorted()).toEqual(['after', 'before'])
  expect(textAt(stored, place)).toBe('after')
})

test('a restart between two sends of a warm producer goes unnoticed', async () => {
  const producer = direct()
  await producer.send({ value: '1' })
  await broker.crash()
  await broker.start()
  await producer.send({ value: '2' })
  expect(textsOf(await kafka.readAll(topic)).toSorted()).toEqual(['1', '2'])
})

test('of 1,000 sends through a crash of the broker each that resolved is in the log, once and where it said', async () => {
  const producer = direct()
  const outcomes: { value: string; place?: SentRecord; code?: string }[] = []
  const send = async (number: number) => {
    const value = `value ${number}`
    await producer.send({ key: asin(number % 20), value }).then(
      (place) => outcomes.push({ value, place }),
      (error: { code: string }) => outcomes.push({ value, code: error.code }),
    )
  }
  const sending: Promise<void>[] = []
  const feed = async () => {
    for (let number = 0; number < 1_000; number++) {
      sending.push(send(number))
      if (number % 10 === 9) await sleep(5)
    }
  }
  const interrupt = async () => {
    while (outcomes.length < 200) await sleep(1)
    await broker.crash()
    await broker.start()
  }
  await Promise.all([feed(), interrupt()])
  await Promise.all(sending)

  const stored = await kafka.readAll(topic)
  const texts = textsOf(stored)
  const resolved = outcomes.filter(({ place }) => place)
  expect(outcomes).toHaveLength(1_000)
  expect(resolved.length).toBeGreaterThanOrEqual(200)
  for (const { value, place } of resolved) expect(place && textAt(stored, place)).toBe(value)
  expect(new Set(texts).size).toBe(texts.length)
  for (const { code } of outcomes) if (code) expect(code).toMatch(/^kafka_(unreachable|not_acknowledged)$/)
})

test('a lost acknowledgement is asked for again and leaves one message, not two', async () => {
  const producer = proxied()
  await producer.send({ key: 'a', value: 'first' })
  proxy.loseAcknowledgements(1)
  const place = await producer.send({ key: 'a', value: 'second' })
  await producer.send({ key: 'a', value: 'third' })
  const stored = await kafka.readAll(topic)
  expect(textsOf(stored)).toEqual(['first', 'second', 'third'])
  expect(textAt(stored, place)).toBe('second')
})

test('where no acknowledgement arrives the send is refused, and sent again it is in the log twice, as the same event', async () => {
  const producer = proxied()
  proxy.loseAcknowledgements(1_000)
  await expect(producer.send({ key: 'a', value: 'event' })).rejects.toMatchObject({ retriable: true })
  proxy.loseAcknowledgements(0)
  const place = await producer.send({ key: 'a', value: 'event' })
  const other = await producer.send({ key: 'a', value: 'another' })
  const stored = await kafka.readAll(topic)
  expect(textsOf(stored)).toEqual(['event', 'event', 'another'])
  expect([textAt(stored, place), textAt(stored, other)]).toEqual(['event', 'another'])
})

/** kafkajs's own producer as TopicProducer makes it, with fewer retries. */
async function bareProducer(): Promise<Producer> {
  const bare = quietKafka(`localhost:${proxy.port}`).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    retry: { initialRetryTime: 50, retries: 1 },
  })
  await bare.connect()
  return bare
}

test('a kafkajs producer that is kept after a lost batch loses the next one and calls it sent: why TopicProducer gives it up', async () => {
  const bare = await bareProducer()
  try {
    proxy.loseAcknowledgements(1_000)
    await expect(bare.send({ topic, messages: [{ key: 'a', value: 'lost' }] })).rejects.toThrow()
    proxy.loseAcknowledgements(0)
    await bare.send({ topic, messages: [{ key: 'a', value: 'next' }] })
    expect(textsOf(await kafka.readAll(topic))).toEqual(['lost'])
  } finally {
    proxy.loseAcknowledgements(0)
    await bare.disconnect()
  }
})

test('a listener that advertises an address unknown here is told from a broker that is down', async () => {
  const { wrongListener } = await askForOwnKafka()
  await expect(openProducer(wrongListener, topic).connect()).rejects.toMatchObject({
    code: 'kafka_wrong_listener',
    message: expect.stringContaining('advertises kafka.invalid:29092'),
  })
})

test('a broker that takes connections and answers nothing is given up on', async () => {
  const silent = await lossyProxy(Number(broker.bootstrapServers.split(':')[1]))
  silent.hang()
  const limits = { requestTimeout: 200, connectionTimeout: 200 }
  const producer = openProducer(`localhost:${silent.port}`, topic, impatient(silent.port, limits))
  await expect(producer.send({ value: 'x' })).rejects.toMatchObject({
    code: 'kafka_unreachable',
    retriable: true,
  })
  await silent.close()
})
