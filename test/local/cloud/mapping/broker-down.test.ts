import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { stoppableBroker } from '../../../helpers/stoppable.ts'
import { numbers, until } from '../../until.ts'
import { type Recorder, recorder } from '../fixture-function.ts'
import { committed, startMapping } from './mapping-parts.ts'

let broker: Awaited<ReturnType<typeof stoppableBroker>>
let kafka: TestKafka
let consumer: Recorder

beforeAll(async () => {
  broker = await stoppableBroker()
  kafka = await testKafka(broker.bootstrapServers)
  consumer = await recorder()
})
afterAll(async () => {
  await Promise.all([consumer.dispose(), kafka.close()])
  await broker.dispose()
})

/** Enough to be read ahead and paused when the broker goes. */
const COUNT = 4_000
const value = 'x'.repeat(5_000)

test('a broker that is down for some seconds loses no record and mixes no order, and is spoken of once', async () => {
  const topic = await kafka.freshTopic('down', { partitions: 2 })
  for (const partition of [0, 1]) {
    for (let sent = 0; sent < COUNT; sent += 100) {
      await kafka.produce(
        topic,
        numbers(100).map(() => ({ partition, value })),
      )
    }
  }
  await consumer.control({ delayMs: 150 })
  const { mapping, group, told } = startMapping(kafka, consumer.target, { topic, batchSize: 100 })
  await until(async () => (await consumer.invocations()).length > 3)
  await broker.stop()
  await until(() => told.waiting.length > 0)
  await consumer.control({})
  await broker.start()
  await until(async () => String(await committed(kafka, group, topic)) === `${COUNT},${COUNT}`)
  for (const partition of [0, 1]) {
    const delivered = await consumer.done(partition)
    expect([...new Set(delivered)]).toEqual(numbers(COUNT))
  }
  expect(told.retrying).toEqual([])
  expect(told.reading).toEqual([mapping.name])
  expect(new Set(told.waiting).size).toBe(told.waiting.length)
  await mapping.stop()
})
