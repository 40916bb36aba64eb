import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { ConfigResourceTypes, Kafka, logLevel, type ProducerConfig } from 'kafkajs'
import { type TestKafka, testKafka } from '../../helpers/kafka.ts'
import { murmur2, partitionOf } from './murmur2.ts'
import { closeProducers, openProducer, textAt, textsOf } from './sending.ts'

let kafka: TestKafka
beforeAll(async () => {
  kafka = await testKafka()
})
afterEach(closeProducers)
afterAll(() => kafka.close())

const producerOf = (topic: string) => openProducer(kafka.bootstrapServers, topic)
const asin = (number: number): string => `B0${String(number).padStart(8, '0')}`

/** A topic whose largest message, or batch, has this many bytes. */
async function topicTaking(bytes: number, partitions = 3): Promise<string> {
  const topic = await kafka.freshTopic('small', { partitions })
  const configEntries = [{ name: 'max.message.bytes', value: String(bytes) }]
  await kafka.admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
  })
  return topic
}

test('a message is where the report says', async () => {
  const topic = await kafka.freshTopic()
  const place = await producerOf(topic).send({ key: 'B07W6JN8V8', value: '{"price":49.99}' })
  const stored = await kafka.readAll(topic)
  expect(stored).toMatchObject([{ partition: place.partition, offset: '0', key: Buffer.from('B07W6JN8V8') }])
  expect(textAt(stored, place)).toBe('{"price":49.99}')
})

test('each of many messages that are sent together is where its report says, over all partitions', async () => {
  const topic = await kafka.freshTopic('many', { partitions: 5 })
  const producer = producerOf(topic)
  const sent = await Promise.all(
    Array.from({ length: 1_700 }, async (_, number) => {
      const value = `value ${number}`
      // Every third without a key.
      return { value, place: await producer.send(number % 3 ? { key: asin(number % 90), value } : { value }) }
    }),
  )
  const stored = await kafka.readAll(topic)
  expect(stored).toHaveLength(1_700)
  expect(new Set(sent.map(({ place }) => place.partition)).size).toBe(5)
  expect(sent.filter(({ place, value }) => textAt(stored, place) !== value)).toEqual([])
})

test('a key goes to the partition that Kafka’s own clients choose', async () => {
  const topic = await kafka.freshTopic('keys', { partitions: 7 })
  const producer = producerOf(topic)
  const keys = [
    'B07W6JN8V8',
    '3551551677',
    'B0',
    'x',
    'übergröße',
    ...Array.from({ length: 60 }, (_, n) => asin(n * 7919)),
  ]
  const places = await Promise.all(keys.map((key) => producer.send({ key, value: key })))
  expect(places.map(({ partition }) => partition)).toEqual(keys.map((key) => partitionOf(key, 7)))
})

test('the comparison’s murmur2 gives the values of Kafka’s own test', () => {
  // UtilsTest.testMurmur2 of Apache Kafka.
  const known = {
    21: -973932308,
    foobar: -790332482,
    'a-little-bit-long-string': -985981536,
    'a-little-bit-longer-string': -1486304829,
    lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
    abc: 479470107,
  }
  for (const [text, hash] of Object.entries(known)) expect(murmur2(Buffer.from(text))).toBe(hash)
})

test('messages without a key are spread over the partitions', async () => {
  const topic = await kafka.freshTopic('keyless', { partitions: 3 })
  const producer = producerOf(topic)
  const places = await Promise.all(Array.from({ length: 90 }, () => producer.send({ value: 'deal' })))
  const counts = [0, 1, 2].map((wanted) => places.filter(({ partition }) => partition === wanted).length)
  expect(Math.min(...counts)).toBeGreaterThan(20)
  expect((await kafka.readAll(topic)).every(({ key }) => key === null)).toBe(true)
})

test('messages of one key keep their order', async () => {
  const topic = await kafka.freshTopic()
  const producer = producerOf(topic)
  await Promise.all(
    Array.from({ length: 1_200 }, (_, number) =>
      producer.send({ key: asin(number % 4), value: `${number}` }),
    ),
  )
  const stored = await kafka.readAll(topic)
  for (const key of [0, 1, 2, 3]) {
    const numbers = stored
      .filter((message) => message.key?.toString() === asin(key))
      .map(({ value }) => Number(value))
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other))
    expect(numbers).toHaveLength(300)
  }
})

test('a message that no topic takes is refused and not sent', async () => {
  const topic = await kafka.freshTopic()
  const producer = producerOf(topic)
  await expect(producer.send({ value: 'é'.repeat(600_000) })).rejects.toMatchObject({
    code: 'kafka_message_too_large',
    message: expect.stringContaining('1200000 bytes'),
    retriable: false,
  })
  await producer.send({ value: 'next' })
  expect(textsOf(await kafka.readAll(topic))).toEqual(['next'])
})

test('messages of many bytes and few characters share requests that the topic takes', async () => {
  const topic = await kafka.freshTopic('wide', { partitions: 1 })
  const producer = producerOf(topic)
  const places = await Promise.all(
    Array.from({ length: 40 }, () => producer.send({ value: '€'.repeat(20_000) })),
  )
  expect(places.map(({ offset }) => Number(offset))).toEqual(
    Array.from({ length: 40 }, (_, offset) => offset),
  )
})

test('a message that only the topic refuses fails alone: its neighbours are sent, once and in order', async () => {
  const topic = await topicTaking(20_000)
  const producer = producerOf(topic)
  const values = Array.from({ length: 60 }, (_, number) =>
    number === 31 ? 'x'.repeat(30_000) : `value ${number}`,
  )
  const outcomes = await Promise.allSettled(
    values.map((value, number) => producer.send({ key: asin(number % 6), value })),
  )
  const failed = outcomes.flatMap((outcome, number) =>
    outcome.status === 'rejected' ? [{ number, reason: outcome.reason }] : [],
  )
  expect(failed).toMatchObject([
    {
      number: 31,
      reason: { code: 'kafka_message_too_large', message: expect.stringContaining('30000 bytes') },
    },
  ])
  const stored = await kafka.readAll(topic)
  expect(stored).toHaveLength(59)
  outcomes.forEach((outcome, number) => {
    if (outcome.status === 'fulfilled') expect(textAt(stored, outcome.value)).toBe(values[number])
  })
  await producer.send({ key: asin(1), value: 'after' })
  expect(await kafka.readAll(topic)).toHaveLength(60)
})

test('a batch that is larger than the topic’s largest message is sent in parts', async () => {
  const topic = await topicTaking(4_000)
  const producer = producerOf(topic)
  const values = Array.from({ length: 300 }, (_, number) => `${number} ${'x'.repeat(200)}`)
  const places = await Promise.all(
    values.map((value, number) => producer.send({ key: asin(number % 3), value })),
  )
  const stored = await kafka.readAll(topic)
  expect(stored).toHaveLength(300)
  expect(places.map((place) => textAt(stored, place))).toEqual(values)
})

test('a topic that does not exist is named', async () => {
  class WithoutAutoCreation extends Kafka {
    override producer(config: ProducerConfig) {
      return super.producer({
        ...config,
        allowAutoTopicCreation: false,
        retry: { initialRetryTime: 20, retries: 2 },
      })
    }
  }
  const quiet = new WithoutAutoCreation({ brokers: [kafka.bootstrapServers], logLevel: logLevel.NOTHING })
  const producer = openProducer(kafka.bootstrapServers, 'no-such-topic', () => quiet)
  await expect(producer.send({ value: 'x' })).rejects.toMatchObject({
    code: 'kafka_unknown_topic',
    message: expect.stringContaining('no topic no-such-topic'),
    retriable: true,
  })
})

test('one connection serves many sends while the function is warm', async () => {
  const topic = await kafka.freshTopic()
  const connections: string[] = []
  class Counting extends Kafka {
    override producer(config: ProducerConfig) {
      const producer = super.producer(config)
      producer.on(producer.events.CONNECT, ({ id }) => connections.push(id))
      return producer
    }
  }
  const counting = new Counting({ brokers: [kafka.bootstrapServers], logLevel: logLevel.NOTHING })
  const producer = openProducer(kafka.bootstrapServers, topic, () => counting)
  await Promise.all([producer.connect(), producer.connect(), producer.send({ value: '1' })])
  await producer.send({ value: '2' })
  await producer.connect()
  await producer.send({ value: '3' })
  expect(connections).toHaveLength(1)
})

test('a producer that was disconnected connects again at its next send', async () => {
  const topic = await kafka.freshTopic()
  const producer = producerOf(topic)
  await producer.disconnect()
  await producer.send({ value: '1' })
  await producer.disconnect()
  await producer.send({ value: '2' })
  expect(await kafka.readAll(topic)).toHaveLength(2)
})
