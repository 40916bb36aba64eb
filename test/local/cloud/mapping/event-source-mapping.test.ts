import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Clock } from '../../../../local/cloud/clock.ts'
import { MAX_PAYLOAD_BYTES } from '../../../../local/cloud/mapping/batch.ts'
import type { EventSourceMapping } from '../../../../local/cloud/mapping/event-source-mapping.ts'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { numbers, until } from '../../until.ts'
import { type Recorder, recorder } from '../fixture-function.ts'
import { TurnableClock } from '../turnable-clock.ts'
import { committed, fill, hasPolled, startMapping } from './mapping-parts.ts'

let kafka: TestKafka
let consumer: Recorder
const mappings: EventSourceMapping[] = []

beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())
beforeEach(async () => {
  consumer = await recorder()
})
afterEach(async () => {
  await Promise.all([consumer.dispose(), ...mappings.splice(0).map((mapping) => mapping.stop())])
})

function start(resource: Parameters<typeof startMapping>[2], clock?: Clock) {
  const started = startMapping(kafka, consumer.target, resource, { clock })
  mappings.push(started.mapping)
  return started
}

const isCommitted = async (group: string, topic: string, offsets: readonly number[]) =>
  JSON.stringify(await committed(kafka, group, topic)) === JSON.stringify(offsets)

describe('an event', () => {
  test("has the shape of AWS's", async () => {
    const topic = await kafka.freshTopic('shape', { partitions: 1 })
    await consumer.control({ keepEvents: true })
    const before = Date.now()
    await kafka.produce(topic, [
      { key: 'B00TEST123', value: '{"price":"49.99"}', headers: { kind: Buffer.from([1, 127, 128, 255]) } },
      { key: 'B00TEST123', value: null },
      { value: 'ü', headers: { same: ['a', 'b'], größe: '€' } },
      { key: '', value: '' },
    ])
    start({ topic, windowSeconds: undefined })
    const event = await until(async () => (await consumer.invocations())[0]?.event)
    const place = { topic, partition: 0, timestampType: 'CREATE_TIME', timestamp: expect.any(Number) }
    expect(event).toEqual({
      eventSource: 'aws:kafka',
      eventSourceArn: expect.stringMatching(/^arn:aws:kafka:us-east-1:\d{12}:cluster\/local\//),
      bootstrapServers: kafka.bootstrapServers,
      records: {
        [`${topic}-0`]: [
          {
            ...place,
            offset: 0,
            key: 'QjAwVEVTVDEyMw==',
            value: 'eyJwcmljZSI6IjQ5Ljk5In0=',
            headers: [{ kind: [1, 127, -128, -1] }],
          },
          { ...place, offset: 1, key: 'QjAwVEVTVDEyMw==', value: null, headers: [] },
          {
            ...place,
            offset: 2,
            value: 'w7w=',
            headers: [{ same: [97] }, { same: [98] }, { größe: [-30, -126, -84] }],
          },
          { ...place, offset: 3, key: '', value: '', headers: [] },
        ],
      },
    })
    const [record] = Object.values(
      (event as { records: Record<string, { timestamp: number }[]> }).records,
    ).flat()
    expect(record?.timestamp).toBeGreaterThanOrEqual(before)
  })
})

describe('a batch', () => {
  test('has as many records as the batch size at most, in order, each once', async () => {
    const topic = await kafka.freshTopic('size', { partitions: 1 })
    await fill(kafka, topic, 0, 25)
    const { group } = start({ topic, batchSize: 10 })
    await until(() => isCommitted(group, topic, [25]))
    expect((await consumer.invocations()).map(({ records }) => records.length)).toEqual([10, 10, 5])
    expect(await consumer.done(0)).toEqual(numbers(25))
  })

  test('waits for more until the window is over', async () => {
    const topic = await kafka.freshTopic('window', { partitions: 1 })
    const clock = new TurnableClock()
    const { group, told } = start({ topic, windowSeconds: 2 }, clock)
    for (const from of [0, 1, 2]) {
      await fill(kafka, topic, 0, 1, from)
      await until(() => hasPolled(told, from + 1))
    }
    clock.turn(1_999)
    expect(await consumer.started()).toBe(0)
    clock.turn(1)
    await until(() => isCommitted(group, topic, [3]))
    expect((await consumer.invocations()).map(({ records }) => records.length)).toEqual([3])
  })

  test('is cut so that no payload is above 6 MB', async () => {
    const topic = await kafka.freshTopic('payload', { partitions: 1 })
    const value = 'x'.repeat(900_000)
    for (let sent = 0; sent < 16; sent += 1) await kafka.produce(topic, [{ value }])
    const clock = new TurnableClock()
    const { group } = start({ topic, windowSeconds: 3 }, clock)
    // Full batches wait for no window; the last one, of one record, does.
    await until(() => isCommitted(group, topic, [15]))
    clock.turn(3_000)
    await until(() => isCommitted(group, topic, [16]))
    const invocations = await consumer.invocations()
    expect(invocations.length).toBeGreaterThanOrEqual(4)
    expect(Math.max(...invocations.map(({ bytes }) => bytes))).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES)
    // Five of 1.2 MB fit: a batch that could be fuller is not.
    expect(invocations[0]?.records).toHaveLength(5)
    expect(await consumer.done(0)).toEqual(numbers(16))
  })
})

describe('a batch that fails', () => {
  test('is delivered again with growing pauses, and nothing after it before; its offsets stay', async () => {
    const topic = await kafka.freshTopic('again', { partitions: 1 })
    await consumer.control({ failPartitions: [0] })
    await fill(kafka, topic, 0, 4)
    const clock = new TurnableClock()
    const { group, told } = start({ topic, batchSize: 2 }, clock)
    await until(() => told.retrying.length === 1)
    clock.turn(999)
    expect(await consumer.started()).toBe(1)
    clock.turn(1)
    await until(() => told.retrying.length === 2)
    expect(told.retrying.map(({ pauseMs }) => pauseMs)).toEqual([1_000, 2_000])
    expect(told.retrying[0]?.reason).toBe('Error: told to fail')
    expect(await committed(kafka, group, topic)).toEqual([-1])
    await consumer.control({})
    clock.turn(1_999)
    expect(await consumer.started()).toBe(2)
    clock.turn(1)
    await until(() => isCommitted(group, topic, [4]))
    const invocations = await consumer.invocations()
    const first = [
      [0, 0],
      [0, 1],
    ]
    expect(invocations.map(({ records }) => records)).toEqual([
      first,
      first,
      first,
      [
        [0, 2],
        [0, 3],
      ],
    ])
  })

  test('holds up no other partition', async () => {
    const topic = await kafka.freshTopic('others', { partitions: 3 })
    await consumer.control({ failPartitions: [1] })
    for (const partition of [0, 1, 2]) await fill(kafka, topic, partition, 30)
    const { group, told } = start({ topic, batchSize: 10 })
    await until(() => isCommitted(group, topic, [30, -1, 30]))
    await until(() => told.retrying.length >= 2)
    await fill(kafka, topic, 0, 30, 30)
    await until(() => isCommitted(group, topic, [60, -1, 30]))
    expect(await consumer.done(1)).toEqual([])
    await consumer.control({})
    await until(() => isCommitted(group, topic, [60, 30, 30]))
    expect(await consumer.done(1)).toEqual(numbers(30))
  })

  test('by running into its timeout is delivered again to a new process', async () => {
    const topic = await kafka.freshTopic('timeout', { partitions: 1 })
    const slow = await recorder({ timeoutSeconds: 1 })
    await slow.control({ delayMs: 60_000 })
    await fill(kafka, topic, 0, 1)
    const { mapping, told, group } = startMapping(kafka, slow.target, { topic })
    await until(() => told.retrying.length >= 1)
    expect(told.retrying[0]?.reason).toMatch(/^Sandbox.Timedout: .*Task timed out after 1.00 seconds$/)
    await slow.control({})
    await until(() => isCommitted(group, topic, [1]))
    await mapping.stop()
    await slow.dispose()
  })
})

describe('with ReportBatchItemFailures', () => {
  test('a partition goes on at the lowest offset reported, and what is before it is committed', async () => {
    const topic = await kafka.freshTopic('report', { partitions: 1 })
    const failure = (offset: number) => ({ itemIdentifier: { partition: `${topic}-0`, offset } })
    await consumer.control({ answers: [{ batchItemFailures: [failure(7), failure(4), failure(9)] }] })
    await fill(kafka, topic, 0, 10)
    const { group, told } = start({ topic, reportBatchItemFailures: true, windowSeconds: 1 })
    await until(() => isCommitted(group, topic, [4]))
    await until(() => isCommitted(group, topic, [10]))
    expect((await consumer.invocations()).map(({ records }) => records.map(([, offset]) => offset))).toEqual([
      numbers(10),
      [4, 5, 6, 7, 8, 9],
    ])
    expect(told.retrying.map(({ reason }) => reason)).toEqual(['the function reported offset 4'])
  })

  test('an identifier that is not in the batch leaves the whole batch', async () => {
    const topic = await kafka.freshTopic('unknown', { partitions: 1 })
    const answer = { batchItemFailures: [{ itemIdentifier: { partition: `${topic}-0`, offset: 99 } }] }
    await consumer.control({ answers: [answer] })
    await fill(kafka, topic, 0, 3)
    const { group } = start({ topic, reportBatchItemFailures: true, windowSeconds: 1 })
    await until(() => isCommitted(group, topic, [3]))
    expect(await consumer.done(0)).toEqual([0, 1, 2, 0, 1, 2])
  })
})

describe('reading begins', () => {
  test('with the oldest record for TRIM_HORIZON and with what comes later for LATEST', async () => {
    const topic = await kafka.freshTopic('position', { partitions: 1 })
    await fill(kafka, topic, 0, 3)
    const latest = start({ topic, startingPosition: 'LATEST' })
    // Where it begins is committed first.
    await until(() => isCommitted(latest.group, topic, [3]))
    await fill(kafka, topic, 0, 2, 3)
    await until(() => isCommitted(latest.group, topic, [5]))
    expect(await consumer.done(0)).toEqual([3, 4])
    const oldest = start({ topic, startingPosition: 'TRIM_HORIZON' })
    await until(() => isCommitted(oldest.group, topic, [5]))
    expect(await consumer.done(0)).toEqual([3, 4, 0, 1, 2, 3, 4])
  })

  test.each(['TRIM_HORIZON', 'LATEST'] as const)(
    'at the committed offset where there is one, whatever %s says',
    async (startingPosition) => {
      const topic = await kafka.freshTopic('committed', { partitions: 1 })
      await fill(kafka, topic, 0, 4)
      const { mapping, group } = start({ topic })
      await until(() => isCommitted(group, topic, [4]))
      await mapping.stop()
      await fill(kafka, topic, 0, 2, 4)
      start({ topic, consumerGroupId: group, startingPosition })
      await until(() => isCommitted(group, topic, [6]))
      expect(await consumer.done(0)).toEqual([0, 1, 2, 3, 4, 5])
    },
  )
})
