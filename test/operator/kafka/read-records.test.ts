import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readRecords } from '../../../lambdas/operator/kafka/read-records.ts'
import { type TestKafka, testKafka } from '../../helpers/kafka.ts'
import { stoppableBroker } from '../../helpers/stoppable.ts'

/** Longer than Kafka has to say nothing for. */
const PAUSE_MS = 4_000

/** Kafka hands out one at a time of this size. */
const BYTES = 700_000

let broker: Awaited<ReturnType<typeof stoppableBroker>>
let kafka: TestKafka
beforeAll(async () => {
  broker = await stoppableBroker()
  kafka = await testKafka(broker.bootstrapServers)
})
afterAll(async () => {
  await kafka?.close()
  await broker?.dispose()
})

test('a broker that does not answer for a while has not said that there are no more records', async () => {
  const topic = await kafka.freshTopic('silent', { partitions: 1 })
  const values = Array.from({ length: 4 }, (_, number) => ({ value: String(number).repeat(BYTES) }))
  for (const value of values) await kafka.produce(topic, [value])
  let pause: Promise<void> | undefined
  const { records, left } = await readRecords(
    kafka,
    topic,
    [{ partition: 0, next: '0', end: '4' }],
    { records: 100, bytes: 100_000_000, deadlineMs: Date.now() + 120_000 },
    () => {
      pause ??= broker
        .pause()
        .then(() => sleep(PAUSE_MS))
        .finally(broker.resume)
      return true
    },
  )
  await pause
  expect([records.map(({ offset }) => offset), left]).toEqual([['0', '1', '2', '3'], []])
})

test('a page ends by its bytes, of which a letter may have three', async () => {
  const topic = await kafka.freshTopic('wide', { partitions: 1 })
  const value = '値'.repeat(100_000)
  await kafka.produce(topic, [{ value }, { value }, { value }])
  const { records, left } = await readRecords(
    kafka,
    topic,
    [{ partition: 0, next: '0', end: '3' }],
    { records: 100, bytes: 500_000, deadlineMs: Date.now() + 120_000 },
    () => true,
  )
  expect([records.length, left]).toEqual([2, [{ partition: 0, next: '2', end: '3' }]])
})
