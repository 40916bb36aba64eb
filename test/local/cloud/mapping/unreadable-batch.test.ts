import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { groupPositions, lagOf } from '../../../../local/cloud/kafka/group-positions.ts'
import type { EventSourceMapping } from '../../../../local/cloud/mapping/event-source-mapping.ts'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { stoppableBroker } from '../../../helpers/stoppable.ts'
import { numbers, until } from '../../until.ts'
import { type Recorder, recorder } from '../fixture-function.ts'
import { committed, fill, startMapping } from './mapping-parts.ts'

let broker: Awaited<ReturnType<typeof stoppableBroker>>
let kafka: TestKafka
let consumer: Recorder
const mappings: EventSourceMapping[] = []

beforeAll(async () => {
  broker = await stoppableBroker()
  kafka = await testKafka(broker.bootstrapServers)
  consumer = await recorder()
})
afterAll(async () => {
  await Promise.all(mappings.map((mapping) => mapping.stop()))
  await Promise.all([consumer.dispose(), kafka.close()])
  await broker.dispose()
})

function start(topic: string, consumerGroupId: string) {
  const started = startMapping(kafka, consumer.target, { topic, consumerGroupId })
  mappings.push(started.mapping)
  return started
}

test('a batch that cannot be read stops its own partition only, and the partition resumes once it can be read', async () => {
  const topic = await kafka.freshTopic('broken', { partitions: 2 })
  await fill(kafka, topic, 0, 3)
  await fill(kafka, topic, 1, 1)
  await fill(kafka, topic, 1, 1, 1)
  const group = `${topic}-group`
  const { mapping, told } = start(topic, group)
  await until(async () => String(await committed(kafka, group, topic)) === '3,2')
  await mapping.stop()

  await fill(kafka, topic, 0, 1, 3)
  await fill(kafka, topic, 0, 1, 4)
  await broker.stop()
  const log = join(broker.dir, 'data', `${topic}-0`, '00000000000000000000.log')
  const whole = await readFile(log)
  const broken = Buffer.from(whole)
  // The last byte but one is of the value of the last record, whose batch has a checksum.
  broken[broken.length - 2] = (broken.at(-2) ?? 0) ^ 0xff
  await writeFile(log, broken)
  await broker.start()

  const again = start(topic, group)
  await until(() => again.told.unreadable.length > 0)
  expect(again.told.unreadable[0]).toBe(
    'partition 0 is stopped at offset 4, which cannot be read: its checksum is wrong',
  )
  expect(again.mapping.unreadable).toEqual([0])
  for (const offset of numbers(5)) await fill(kafka, topic, 1, 1, 2 + offset)
  await until(async () => String(await committed(kafka, group, topic)) === '4,7')
  const positions = await groupPositions(kafka.admin, topic, group)
  expect(new Map(positions.map((position) => [position.partition, lagOf(position)]))).toEqual(
    new Map([
      [0, 1],
      [1, 0],
    ]),
  )
  await until(() => again.told.measured.OffsetLag?.at(-1) === 1)
  await again.mapping.stop()

  await broker.stop()
  await writeFile(log, whole)
  await broker.start()
  const last = start(topic, group)
  await until(async () => String(await committed(kafka, group, topic)) === '5,7')
  expect(last.mapping.unreadable).toEqual([])
  await last.mapping.stop()
  expect(await consumer.done(0)).toEqual(numbers(5))
  expect(told.unreadable).toEqual([])
}, 120_000)
