import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { EventSourceMapping } from '../../../../local/cloud/mapping/event-source-mapping.ts'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { numbers, until } from '../../until.ts'
import { type Recorder, recorder } from '../fixture-function.ts'
import { committed, startMapping } from './mapping-parts.ts'

let kafka: TestKafka
let consumer: Recorder
let mapping: EventSourceMapping | undefined

beforeAll(async () => {
  kafka = await testKafka()
  consumer = await recorder()
})
afterAll(async () => {
  await consumer.dispose()
  await mapping?.stop()
  await kafka.close()
})

test('a slow handler is not read further ahead of than two invocations carry', async () => {
  const topic = await kafka.freshTopic('slow', { partitions: 1 })
  const count = 5_700
  const value = 'x'.repeat(7_000)
  const bytes = 9_700
  for (let sent = 0; sent < count; sent += 100) {
    await kafka.produce(
      topic,
      numbers(100).map(() => ({ value })),
    )
  }
  await consumer.control({ holds: true })
  // What is read of 55 MB: two payloads, the one under way, and what one more fetch brings.
  const started = startMapping(kafka, consumer.target, { topic, batchSize: 10_000 })
  const read = () => (started.told.measured.PolledEventCount ?? []).reduce((sum, size) => sum + size, 0)
  mapping = started.mapping
  await until(() => read() * bytes > 12_000_000)
  // Time to read on, were it not held up.
  await sleep(1_000)
  expect(read() * bytes).toBeLessThan(30_000_000)
  await consumer.control({})
  await until(async () => String(await committed(kafka, started.group, topic)) === `${count}`)
  expect(read()).toBe(count)
  expect(await consumer.done(0)).toEqual(numbers(count))
})
