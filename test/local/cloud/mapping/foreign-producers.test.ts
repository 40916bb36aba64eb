import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { groupPositions, lagOf } from '../../../../local/cloud/kafka/group-positions.ts'
import { makeTopics } from '../../../../local/cloud/kafka/topics.ts'
import type { EventSourceMapping } from '../../../../local/cloud/mapping/event-source-mapping.ts'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { numbers, until } from '../../until.ts'
import { type Recorder, recorder } from '../fixture-function.ts'
import { committed, startMapping } from './mapping-parts.ts'

/** What other producers than ours write: compressed, in transactions, with headers of any name. */

let kafka: TestKafka
let consumer: Recorder
let mapping: EventSourceMapping | undefined

beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())
beforeEach(async () => {
  consumer = await recorder()
  await consumer.control({ keepEvents: true })
})
afterEach(async () => {
  await mapping?.stop()
  await consumer.dispose()
})

function start(topic: string) {
  const started = startMapping(kafka, consumer.target, { topic })
  mapping = started.mapping
  return started
}

/** The records that were delivered, as they stood in their events. */
async function delivered(topic: string) {
  const events = (await consumer.invocations()).map(
    ({ event }) => event as { records: Record<string, unknown[]> },
  )
  return events.flatMap(({ records }) => records[`${topic}-0`] ?? []) as {
    readonly value: string
    readonly headers: readonly object[]
  }[]
}

describe('records', () => {
  test.each(['gzip', 'snappy', 'lz4', 'zstd'])(
    'that the broker keeps in %s come as they were',
    async (codec) => {
      const topic = `${codec}-${Date.now()}`
      const configEntries = [{ name: 'compression.type', value: codec }]
      await makeTopics(kafka.admin, [{ topic, numPartitions: 1, configEntries }])
      // Long enough for the broker to cut a batch into several blocks, and one that cannot be made shorter.
      const values = [...numbers(300).map((index) => `price ${index} `.repeat(100)), 'x', '']
      await kafka.produce(
        topic,
        values.map((value) => ({ value, headers: { codec } })),
      )
      const { group } = start(topic)
      await until(async () => String(await committed(kafka, group, topic)) === `${values.length}`)
      const records = await delivered(topic)
      expect(records.map(({ value }) => Buffer.from(value, 'base64').toString())).toEqual(values)
      expect(records[0]?.headers).toEqual([{ codec: [...Buffer.from(codec)] }])
    },
  )

  test('with headers of any name come with them, each as often as it was sent', async () => {
    const topic = await kafka.freshTopic('headers', { partitions: 1 })
    const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'größe']
    const headers = Object.fromEntries(names.map((name) => [name, ['one', 'two']]))
    await kafka.produce(topic, [{ value: 'x', headers }])
    const { group } = start(topic)
    await until(async () => String(await committed(kafka, group, topic)) === '1')
    const [record] = await delivered(topic)
    expect(record?.headers.flatMap((header) => Object.entries(header))).toEqual(
      names.flatMap((name) => [
        [name, [...Buffer.from('one')]],
        [name, [...Buffer.from('two')]],
      ]),
    )
  })

  test('of many headers take no longer than their bytes', async () => {
    const topic = await kafka.freshTopic('many', { partitions: 1 })
    const count = 60_000
    const headers = Object.fromEntries(numbers(count).map((index) => [`h${index}`, 'x']))
    await kafka.produce(topic, [{ value: 'x', headers }])
    const { group } = start(topic)
    await until(async () => String(await committed(kafka, group, topic)) === '1')
    expect((await delivered(topic))[0]?.headers).toHaveLength(count)
  })
})

test('transactions leave no lag: neither their markers nor aborted records count as unread', async () => {
  const topic = await kafka.freshTopic('transactions', { partitions: 1 })
  const producer = kafka.kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true })
  await producer.connect()
  const send = async (value: string, end: 'commit' | 'abort') => {
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value }] })
    await transaction[end]()
  }
  const { group, told } = start(topic)
  await send('kept', 'commit')
  await send('aborted', 'abort')
  // Its marker is written a moment after the producer has its answer.
  await until(async () => (await kafka.admin.fetchTopicOffsets(topic))[0]?.high === '4')
  await until(async () => String(await committed(kafka, group, topic)) === '4')
  expect((await delivered(topic)).map(({ value }) => Buffer.from(value, 'base64').toString())).toEqual([
    'kept',
  ])
  expect((await groupPositions(kafka.admin, topic, group)).map(lagOf)).toEqual([0])
  await until(() => told.measured.OffsetLag?.at(-1) === 0)
  await producer.disconnect()
})
