import { describe, expect, test } from '@jest/globals'
import { Partitioners } from 'kafkajs'
import { makeTopics } from '../../../local/cloud/kafka/topics.ts'
import { committed, fill, hasPolled } from '../cloud/mapping/mapping-parts.ts'
import { TurnableClock } from '../cloud/turnable-clock.ts'
import { numbers, until } from '../until.ts'
import { mappingSetup, PROVISIONED, templateOf } from './mapping-setup.ts'

const { kafka, consumer, start, tell, isCommitted, offsets } = mappingSetup()

const pollers = (minimum: number, maximum: number) => ({
  ProvisionedPollerConfig: { MinimumPollers: minimum, MaximumPollers: maximum },
})

const isStable = (topic: string) =>
  until(async () => {
    const { groups } = await kafka().admin.describeGroups([`${topic}-group`])
    return groups[0]?.state === 'Stable'
  })

describe('StartingPosition', () => {
  test('TRIM_HORIZON begins with the oldest record', async () => {
    const topic = await kafka().freshTopic('oldest', { partitions: 1 })
    await fill(kafka(), topic, 0, 3)
    start(topic, { StartingPosition: 'TRIM_HORIZON' })
    await isCommitted(topic, [3])
    expect(await offsets()).toEqual([[0, 1, 2]])
  })

  test('LATEST begins with what comes after the start, and forgets nothing of it when a batch fails and the group begins anew', async () => {
    const topic = await kafka().freshTopic('latest', { partitions: 1 })
    await fill(kafka(), topic, 0, 3)
    await tell({ failOffsets: [3] })
    const first = start(topic, { StartingPosition: 'LATEST' })
    await isCommitted(topic, [3])
    await fill(kafka(), topic, 0, 1, 3)
    await until(() => first.told.retrying.length > 0)
    await first.mapping.stop()
    await tell({})
    start(topic, { StartingPosition: 'LATEST' })
    await isCommitted(topic, [4])
    expect((await offsets()).every((delivered) => String(delivered) === '3')).toBe(true)
  })

  test('AT_TIMESTAMP begins with the first record of that second', async () => {
    const topic = await kafka().freshTopic('timestamp', { partitions: 2 })
    const seconds = Math.floor(Date.now() / 1000) - 1_000
    const at = (partition: number, offsetSeconds: number) => ({
      partition,
      value: 'x',
      timestamp: String((seconds + offsetSeconds) * 1000),
    })
    await kafka().produce(topic, [at(0, -10), at(0, -1), at(0, 0), at(0, 10), at(1, -5)])
    start(topic, { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: seconds })
    await isCommitted(topic, [4, 1])
    expect((await offsets()).flat()).toEqual([2, 3])
  })

  test.each([
    { StartingPosition: 'TRIM_HORIZON' },
    { StartingPosition: 'LATEST' },
    { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: 1 },
  ])('is used only where the group has no committed offset: %j', async (position) => {
    const topic = await kafka().freshTopic('committed', { partitions: 1 })
    await fill(kafka(), topic, 0, 4)
    await kafka().setOffsets({
      groupId: `${topic}-group`,
      topic,
      partitions: [{ partition: 0, offset: '2' }],
    })
    start(topic, position)
    await isCommitted(topic, [4])
    expect((await offsets()).flat()).toEqual([2, 3])
  })
})

describe('partitions', () => {
  test('added live are read within seconds, from their beginning', async () => {
    const topic = await kafka().freshTopic('grows', { partitions: 1 })
    start(topic, { StartingPosition: 'LATEST' })
    await isCommitted(topic, [0])
    await kafka().admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] })
    const producer = kafka().kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    await producer.send({ topic, messages: [{ partition: 1, value: 'new' }] })
    await producer.disconnect()
    await isCommitted(topic, [0, 1])
    expect(await consumer().done(1)).toEqual([0])
  })
})

describe('pollers', () => {
  test('on demand begin as one for all partitions, so that one payload carries several', async () => {
    const topic = await kafka().freshTopic('demand', { partitions: 3 })
    for (const partition of numbers(3)) await fill(kafka(), topic, partition, 2)
    const clock = new TurnableClock()
    const { mapping, told } = start(topic, { MaximumBatchingWindowInSeconds: undefined }, { clock })
    await until(() => hasPolled(told, 6))
    clock.turn(500)
    await isCommitted(topic, [2, 2, 2])
    expect(mapping.pollers).toBe(1)
    expect(await offsets()).toEqual([[0, 1, 0, 1, 0, 1]])
  })

  test('on demand become more while the lag is more than a batch and does not fall, never more than partitions', async () => {
    const topic = await kafka().freshTopic('behind', { partitions: 3 })
    await tell({ delayMs: 60_000 })
    for (const partition of numbers(3)) await fill(kafka(), topic, partition, 50)
    const clock = new TurnableClock()
    const { mapping, told } = start(topic, {}, { clock })
    await until(() => hasPolled(told, 150))
    const pollers = numbers(5).map(() => {
      clock.turn(60_000)
      return mapping.pollers
    })
    expect(pollers).toEqual([2, 3, 3, 3, 3])
    await tell({})
  })

  test('provisioned are as many as MinimumPollers, never more than partitions', async () => {
    const topic = await kafka().freshTopic('provisioned', { partitions: 3 })
    for (const partition of numbers(3)) await fill(kafka(), topic, partition, 2)
    const { mapping } = start(topic, pollers(10, 20))
    await isCommitted(topic, [2, 2, 2])
    expect(mapping.pollers).toBe(3)
  })

  test('become more when one is busy with five invocations, up to MaximumPollers', async () => {
    const topic = await kafka().freshTopic('busy', { partitions: 12 })
    await tell({ holds: true })
    for (const partition of numbers(12)) await fill(kafka(), topic, partition, 4)
    const { mapping } = start(topic, { ...pollers(1, 2), BatchSize: 1 })
    await until(() => mapping.pollers === 2)
    await until(async () => (await consumer().started()) === 10)
    await tell({})
    await isCommitted(
      topic,
      numbers(12).map(() => 4),
    )
    expect(mapping.pollers).toBe(2)
    for (const partition of numbers(12)) expect(await consumer().done(partition)).toEqual(numbers(4))
  })
})

describe('one payload', () => {
  test('may carry several partitions of the topic, each in offset order', async () => {
    const topic = await kafka().freshTopic('several', { partitions: 3 })
    await tell({ keepEvents: true })
    for (const partition of numbers(3)) await fill(kafka(), topic, partition, 2)
    const clock = new TurnableClock()
    const { told } = start(topic, { ...PROVISIONED, MaximumBatchingWindowInSeconds: 1 }, { clock })
    await until(() => hasPolled(told, 6))
    clock.turn(1_000)
    await isCommitted(topic, [2, 2, 2])
    const [invocation, ...others] = await consumer().invocations()
    expect(others).toEqual([])
    const { records } = (invocation?.event ?? { records: {} }) as {
      records: Record<string, { offset: number }[]>
    }
    expect(Object.keys(records).sort()).toEqual(numbers(3).map((partition) => `${topic}-${partition}`))
    for (const list of Object.values(records)) expect(list.map(({ offset }) => offset)).toEqual([0, 1])
  })

  test('that fails goes on by partition: one in trouble never delays another', async () => {
    const topic = await kafka().freshTopic('trouble', { partitions: 3 })
    await tell({ failPartitions: [1] })
    for (const partition of numbers(3)) await fill(kafka(), topic, partition, 2)
    const clock = new TurnableClock()
    const { told } = start(topic, { ...PROVISIONED, MaximumBatchingWindowInSeconds: 1 }, { clock })
    await until(() => hasPolled(told, 6))
    clock.turn(1_000)
    await isCommitted(topic, [2, -1, 2])
    await until(() => told.retrying.some(({ pauseMs }) => pauseMs === 2_000))
    await fill(kafka(), topic, 0, 1, 2)
    await until(() => hasPolled(told, 7))
    // The window ends, and the pause of the one in trouble does not.
    clock.turn(1_000)
    await isCommitted(topic, [3, -1, 2])
    await tell({})
    clock.turn(1_000)
    await isCommitted(topic, [3, 2, 2])
  })

  test('is at most 6 MB with all its partitions, base64 and JSON included', async () => {
    const topic = await kafka().freshTopic('large', { partitions: 3 })
    for (const partition of [0, 1, 2, 0, 1, 2, 0, 1, 2]) {
      await kafka().produce(topic, [{ partition, value: 'x'.repeat(900_000) }])
    }
    const clock = new TurnableClock()
    const { told } = start(topic, { ...PROVISIONED, MaximumBatchingWindowInSeconds: 3 }, { clock })
    await until(() => hasPolled(told, 9))
    // What is left after the first batch waits for windows.
    await until(async () => {
      clock.turn(3_000)
      return String(await committed(kafka(), `${topic}-group`, topic)) === '3,3,3'
    })
    const sizes = (await consumer().invocations()).map(({ bytes }) => bytes)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6 * 1024 * 1024)
    expect(Math.max(...sizes)).toBeGreaterThan(4 * 1024 * 1024)
  })
})

describe('Enabled', () => {
  test('false keeps a mapping from being started', () => {
    expect(templateOf({ Enabled: false }).mappings).toMatchObject([{ enabled: false }])
  })
})

describe('batching', () => {
  test('BatchSize is 100 and the window 500 ms by default', async () => {
    const topic = await kafka().freshTopic('default', { partitions: 1 })
    await fill(kafka(), topic, 0, 150)
    start(topic, { MaximumBatchingWindowInSeconds: undefined })
    await isCommitted(topic, [150])
    expect((await offsets()).map(({ length }) => length)).toEqual([100, 50])
    await isStable(topic)
    const sentMs = Date.now()
    await fill(kafka(), topic, 0, 1, 150)
    await isCommitted(topic, [151])
    const [, , last] = await consumer().invocations()
    expect((last?.atMs ?? 0) - sentMs).toBeGreaterThanOrEqual(490)
  })

  test('the window, the batch size or 6 MB, whichever is reached first, ends a batch', async () => {
    const topic = await kafka().freshTopic('first', { partitions: 1 })
    const clock = new TurnableClock()
    start(topic, { MaximumBatchingWindowInSeconds: 2, BatchSize: 3 }, { clock })
    await fill(kafka(), topic, 0, 4)
    // The full batch waits for no time to pass.
    await isCommitted(topic, [3])
    clock.turn(1_999)
    expect(await offsets()).toEqual([[0, 1, 2]])
    clock.turn(1)
    await isCommitted(topic, [4])
    expect(await offsets()).toEqual([[0, 1, 2], [3]])
  })
})

describe('a topic', () => {
  test('with LOG_APPEND_TIME says so in timestampType', async () => {
    const topic = `append-${Date.now()}`
    await makeTopics(kafka().admin, [
      {
        topic,
        numPartitions: 1,
        configEntries: [{ name: 'message.timestamp.type', value: 'LogAppendTime' }],
      },
    ])
    await tell({ keepEvents: true })
    await fill(kafka(), topic, 0, 1)
    start(topic, {})
    await isCommitted(topic, [1])
    const [invocation] = await consumer().invocations()
    expect(JSON.stringify(invocation?.event)).toContain('"timestampType":"LOG_APPEND_TIME"')
  })

  test('missing at the start is read when it is there', async () => {
    const topic = `missing-${Date.now()}`
    const { told } = start(topic, {})
    await until(() => told.waiting.length > 0)
    await makeTopics(kafka().admin, [{ topic, numPartitions: 1 }])
    await fill(kafka(), topic, 0, 1)
    await isCommitted(topic, [1])
    expect(await committed(kafka(), `${topic}-group`, topic)).toEqual([1])
  })
})

describe('a group that leaves records unread', () => {
  test('because its members read different topics, or because another member has all partitions, is reported within ten seconds', async () => {
    const topics = await Promise.all(
      ['one', 'two'].map((name) => kafka().freshTopic(name, { partitions: 2 })),
    )
    const group = { AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: `shared-${topics[0]}` } }
    const apart = topics.map((topic) => start(topic, group))

    const topic = await kafka().freshTopic('taken', { partitions: 1 })
    const first = start(topic, {})
    await isStable(topic)
    const together = [first, start(topic, {})]

    const saidOf = (started: typeof apart) =>
      until(() => {
        const all = started.flatMap(({ told }) => told.unassigned)
        return all.length > 0 && all
      })
    const [[different], [taken]] = await Promise.all([saidOf(apart), saidOf(together)])
    expect(different).toMatch(
      /^nobody reads partition [01](, 1)? of \S+ in the group shared-\S+, which has members/,
    )
    expect(taken).toMatch(/^other members of the group \S+ read all of \S+, and this mapping nothing/)
  })

  test('because its offsets are beyond the end reads from the oldest record, and says so', async () => {
    const topic = await kafka().freshTopic('beyond', { partitions: 1 })
    await fill(kafka(), topic, 0, 2)
    await kafka().setOffsets({
      groupId: `${topic}-group`,
      topic,
      partitions: [{ partition: 0, offset: '500' }],
    })
    const { told } = start(topic, {})
    await isCommitted(topic, [2])
    expect(told.restarted).toEqual(['partition 0 has no offset 500, its oldest record is 0'])
  })
})
