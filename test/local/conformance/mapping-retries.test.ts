import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { makeTopics } from '../../../local/cloud/kafka/topics.ts'
import { recorder } from '../cloud/fixture-function.ts'
import { committed, fill } from '../cloud/mapping/mapping-parts.ts'
import { TurnableClock } from '../cloud/turnable-clock.ts'
import { numbers, until } from '../until.ts'
import { type Document, mappingSetup, offsetOf, PROVISIONED } from './mapping-setup.ts'

const { kafka, consumer, directory, start, tell, isCommitted, offsets, documents } = mappingSetup()

const to = (destination: unknown) => ({ DestinationConfig: { OnFailure: { Destination: destination } } })
const QUEUE = to({ 'Fn::GetAtt': ['queue', 'Arn'] })
const BUCKET = to({ 'Fn::GetAtt': ['bucket', 'Arn'] })

/** Turns the clock through each retry's pause, as soon as it is begun; gives the pauses in seconds. */
async function turnThrough(clock: TurnableClock, told: ReturnType<typeof start>['told'], retries: number) {
  for (const retry of numbers(retries)) {
    await until(() => told.retrying.length > retry)
    clock.turn(told.retrying[retry]?.pauseMs ?? 0)
  }
  return told.retrying.map(({ pauseMs }) => pauseMs / 1000)
}

describe('success, failure, retries', () => {
  test('offsets are committed after the whole batch succeeded', async () => {
    const topic = await kafka().freshTopic('whole', { partitions: 1 })
    await fill(kafka(), topic, 0, 4)
    await tell({ failOffsets: [3] })
    const { told } = start(topic, {})
    await until(() => told.retrying.length > 0)
    expect(await committed(kafka(), `${topic}-group`, topic)).toEqual([-1])
    await tell({})
    await isCommitted(topic, [4])
  })

  test('without other settings an error retries the whole batch until it succeeds, with pauses that grow from 1 s to 30 s', async () => {
    const topic = await kafka().freshTopic('endless', { partitions: 1 })
    const clock = new TurnableClock()
    await fill(kafka(), topic, 0, 2)
    await tell({ failOffsets: [1] })
    const { told } = start(topic, {}, { clock })
    await turnThrough(clock, told, 7)
    await until(() => told.retrying.length === 8)
    expect(told.retrying.map(({ pauseMs }) => pauseMs / 1000)).toEqual([1, 2, 4, 8, 16, 30, 30, 30])
    // The try that the clock brings on is the one that succeeds.
    await tell({})
    clock.turn(30_000)
    await isCommitted(topic, [2])
    expect((await offsets()).every((delivered) => String(delivered) === '0,1')).toBe(true)
  })

  test('with ReportBatchItemFailures a partition resumes at its lowest offset, and other partitions are committed', async () => {
    const topic = await kafka().freshTopic('report', { partitions: 2 })
    await fill(kafka(), topic, 0, 3)
    await fill(kafka(), topic, 1, 5)
    await tell({ reportOffsets: [4, 3] })
    const { told } = start(topic, {
      ...PROVISIONED,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumBatchingWindowInSeconds: 1,
    })
    await isCommitted(topic, [3, 3])
    await until(() => told.retrying.length > 0)
    await tell({})
    await isCommitted(topic, [3, 5])
    expect((await offsets()).at(-1)).toEqual([3, 4])
  })

  test('null, {} or an empty list is success', async () => {
    const topic = await kafka().freshTopic('success', { partitions: 1 })
    await fill(kafka(), topic, 0, 3)
    await tell({ answers: [null, {}, { batchItemFailures: [] }] })
    const { told } = start(topic, {
      ...PROVISIONED,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BatchSize: 1,
    })
    await isCommitted(topic, [3])
    expect(told.retrying).toEqual([])
    expect(await offsets()).toEqual([[0], [1], [2]])
  })

  test('an identifier that is not in the event, or malformed, fails the whole batch', async () => {
    const topic = await kafka().freshTopic('unknown', { partitions: 1 })
    await fill(kafka(), topic, 0, 2)
    const failure = (itemIdentifier: unknown) => ({ batchItemFailures: [{ itemIdentifier }] })
    await tell({ answers: [failure({ partition: `${topic}-0`, offset: 99 }), failure({ offset: '1' })] })
    const clock = new TurnableClock()
    const { told } = start(
      topic,
      { ...PROVISIONED, FunctionResponseTypes: ['ReportBatchItemFailures'] },
      { clock },
    )
    await turnThrough(clock, told, 2)
    await isCommitted(topic, [2])
    expect(await offsets()).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ])
  })
})

describe('a function that is throttled', () => {
  test('is invoked again until it takes the batch: that is no retry, and nothing is dropped', async () => {
    const topic = await kafka().freshTopic('throttled', { partitions: 2 })
    await fill(kafka(), topic, 0, 1)
    await fill(kafka(), topic, 1, 1)
    const limited = await recorder({ reservedConcurrency: 1 })
    await limited.control({ holds: true })
    const { told, mapping } = start(
      topic,
      { ...PROVISIONED, MaximumRetryAttempts: 0, BatchSize: 1, ...QUEUE },
      { target: limited.target },
    )
    await until(() => told.retrying.length > 0)
    await limited.control({})
    await isCommitted(topic, [1, 1])
    expect(await limited.started()).toBe(2)
    await mapping.stop()
    await limited.dispose()
    expect(await documents('queue')).toEqual([])
  })
})

describe('BisectBatchOnFunctionError', () => {
  test('isolates one poison among 100 in the invocations that halving gives', async () => {
    const topic = await kafka().freshTopic('bisect', { partitions: 1 })
    await fill(kafka(), topic, 0, 100)
    await tell({ failOffsets: [37] })
    const settings = { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0, ...QUEUE }
    start(topic, { ...PROVISIONED, ...settings, MaximumBatchingWindowInSeconds: 1 })
    await isCommitted(topic, [100])
    const sizes = (await offsets()).map(({ length }) => length)
    expect(sizes).toEqual([100, 50, 25, 25, 13, 7, 6, 3, 3, 2, 1, 12, 50])
    const [poison, ...others] = await documents('queue')
    expect(others).toEqual([])
    expect(poison?.KafkaBatchInfo.recordInfo.offset).toBe('37')
    expect(poison?.requestContext).toMatchObject({ condition: 'RetryAttemptsExhausted' })
  })

  test('retries a record alone as often as MaximumRetryAttempts says: halving is no retry', async () => {
    const topic = await kafka().freshTopic('alone', { partitions: 1 })
    await fill(kafka(), topic, 0, 4)
    await tell({ failOffsets: [0] })
    const clock = new TurnableClock()
    const { told } = start(
      topic,
      { ...PROVISIONED, BisectBatchOnFunctionError: true, MaximumRetryAttempts: 2 },
      { clock },
    )
    await turnThrough(clock, told, 4)
    await isCommitted(topic, [4])
    expect(await offsets()).toEqual([[0, 1, 2, 3], [0, 1], [0], [0], [0], [1], [2, 3]])
  })

  test('with ReportBatchItemFailures cuts a batch at the offset reported, and a batch that got nowhere in two', async () => {
    const topic = await kafka().freshTopic('both', { partitions: 1 })
    await fill(kafka(), topic, 0, 8)
    await tell({ reportOffsets: [2] })
    const settings = { FunctionResponseTypes: ['ReportBatchItemFailures'], BisectBatchOnFunctionError: true }
    start(topic, { ...PROVISIONED, ...settings, MaximumRetryAttempts: 0, ...QUEUE })
    await isCommitted(topic, [8])
    expect(await offsets()).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [2, 3, 4, 5, 6, 7],
      [2, 3, 4],
      [2, 3],
      [2],
      [3],
      [4],
      [5, 6, 7],
    ])
    expect((await documents('queue')).map(offsetOf)).toEqual([2])
  })
})

describe('MaximumRetryAttempts', () => {
  test.each([0, 2])(
    'of %i does not count the first try, and the batch is dropped after it',
    async (retries) => {
      const topic = await kafka().freshTopic('attempts', { partitions: 1 })
      await fill(kafka(), topic, 0, 3)
      await tell({ failOffsets: [1] })
      const clock = new TurnableClock()
      const { told } = start(topic, { ...PROVISIONED, MaximumRetryAttempts: retries, ...QUEUE }, { clock })
      await turnThrough(clock, told, retries)
      await isCommitted(topic, [3])
      expect(await offsets()).toEqual(numbers(retries + 1).map(() => [0, 1, 2]))
      const dropped = await documents('queue')
      expect(dropped.map(offsetOf)).toEqual([0, 1, 2])
      expect(dropped[0]?.requestContext.approximateInvokeCount).toBe(retries + 1)
    },
  )

  test('that is infinite together with an on-failure destination is capped at 10, and the destination holds the same bytes', async () => {
    const topic = await kafka().freshTopic('capped', { partitions: 1 })
    const failed = await kafka().freshTopic('failed', { partitions: 2 })
    const value = Buffer.from([0, 1, 128, 255])
    await kafka().produce(topic, [
      {
        key: Buffer.from([200, 1]),
        value,
        headers: { kind: Buffer.from([255]) },
        timestamp: `${Date.now()}`,
      },
    ])
    await tell({ failOffsets: [0] })
    const clock = new TurnableClock()
    const { told } = start(topic, { ...PROVISIONED, ...to(`kafka://${failed}`) }, { clock })
    expect(await turnThrough(clock, told, 10)).toHaveLength(10)
    await isCommitted(topic, [1])
    expect(await offsets()).toEqual(numbers(11).map(() => [0]))
    const [message] = await kafka().readAll(failed)
    expect(message?.key).toEqual(Buffer.from([200, 1]))
    const document = JSON.parse(String(message?.value)) as Document
    expect(document).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 11 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      payload: {
        eventSource: 'aws:kafka',
        records: { [`${topic}-0`]: [{ offset: 0, headers: [{ kind: [-1] }] }] },
      },
    })
    const { records } = document.payload as { records: Record<string, { key: string; value: string }[]> }
    const [record] = Object.values(records).flat()
    expect(Buffer.from(record?.value ?? '', 'base64')).toEqual(value)
    expect(Buffer.from(record?.key ?? '', 'base64')).toEqual(Buffer.from([200, 1]))
  })
})

describe('MaximumRecordAgeInSeconds', () => {
  const secondsAgo = (seconds: number) => `${Date.now() - seconds * 1000}`

  test('a record that is older never reaches the handler, and goes to the destination', async () => {
    const topic = await kafka().freshTopic('aged', { partitions: 1 })
    await kafka().produce(topic, [
      { value: 'old', timestamp: secondsAgo(61) },
      { value: 'young', timestamp: secondsAgo(5) },
      { value: 'old', timestamp: secondsAgo(3_600) },
    ])
    start(topic, { ...PROVISIONED, MaximumRecordAgeInSeconds: 60, ...QUEUE })
    await isCommitted(topic, [3])
    expect(await offsets()).toEqual([[1]])
    const dropped = await documents('queue')
    expect(dropped.map(offsetOf)).toEqual([0, 2])
    expect(dropped[0]).toMatchObject({
      requestContext: { condition: 'MaximumRecordAgeExceeded', approximateInvokeCount: 0 },
      responseContext: null,
    })
  })

  test('a record that grows too old between retries is dropped without another invoke', async () => {
    const topic = await kafka().freshTopic('ageing', { partitions: 1 })
    await kafka().produce(topic, [{ value: 'x', timestamp: secondsAgo(0) }])
    await tell({ failOffsets: [0] })
    const clock = new TurnableClock()
    const { told } = start(topic, { ...PROVISIONED, MaximumRecordAgeInSeconds: 604_800, ...QUEUE }, { clock })
    await until(() => told.retrying.length === 1)
    clock.turn(604_801_000)
    await isCommitted(topic, [1])
    expect(await offsets()).toEqual([[0]])
    expect((await documents('queue')).map(offsetOf)).toEqual([0])
  })
})

describe('an on-failure destination', () => {
  test('SQS and SNS get metadata only, S3 the record too', async () => {
    const topic = await kafka().freshTopic('kinds', { partitions: 1 })
    await fill(kafka(), topic, 0, 1)
    await tell({ failOffsets: [0] })
    const once = { ...PROVISIONED, MaximumRetryAttempts: 0 }
    for (const [name, destination] of [
      ['alarms', to({ Ref: 'alarms' })],
      ['queue', QUEUE],
      ['bucket', BUCKET],
    ] as const) {
      const group = `${topic}-${name}`
      const config = { AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: group } }
      start(topic, { ...once, ...destination, ...config })
    }
    const [bucket] = await until(async () => {
      const found = await documents('bucket')
      return found.length > 0 && found
    })
    const [queue] = await until(async () => {
      const found = await documents('queue')
      return found.length > 0 && found
    })
    await until(async () => (await documents('alarms')).length > 0)
    expect(queue).toEqual({
      requestContext: {
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        functionArn: expect.stringMatching(/^arn:aws:lambda:us-east-1:\d{12}:function:recorder$/),
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 1,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      KafkaBatchInfo: {
        batchSize: 1,
        eventSourceArn: expect.stringMatching(/^arn:aws:kafka:/),
        bootstrapServers: kafka().bootstrapServers,
        payloadSize: Buffer.byteLength(String(bucket?.payload)),
        recordInfo: { offset: '0', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) },
      },
    })
    expect(JSON.parse(String(bucket?.payload))).toMatchObject({
      records: { [`${topic}-0`]: [{ offset: 0, value: Buffer.from('0').toString('base64') }] },
    })
  })

  test('gets a record that is above 6 MB alone, without an invocation', async () => {
    const topic = `oversized-${Date.now()}`
    const configEntries = [{ name: 'max.message.bytes', value: '8000000' }]
    await makeTopics(kafka().admin, [{ topic, numPartitions: 1, configEntries }])
    await kafka().produce(topic, [{ value: Buffer.alloc(5_000_000) }])
    await fill(kafka(), topic, 0, 1, 1)
    start(topic, { ...PROVISIONED, ...QUEUE })
    await isCommitted(topic, [2])
    expect(await offsets()).toEqual([[1]])
    expect((await documents('queue'))[0]?.requestContext.condition).toBe('MaximumPayloadSizeExceeded')
  })

  test('that is down drops nothing: the record waits, uncommitted, until it takes it', async () => {
    const topic = await kafka().freshTopic('down', { partitions: 1 })
    await fill(kafka(), topic, 0, 1)
    await tell({ failOffsets: [0] })
    const clock = new TurnableClock()
    const inTheWay = join(directory(), 'queue')
    await writeFile(inTheWay, '')
    const { told } = start(topic, { ...PROVISIONED, MaximumRetryAttempts: 0, ...QUEUE }, { clock })
    await turnThrough(clock, told, 3)
    await until(() => told.retrying.length === 4)
    expect(told.retrying[3]?.reason).toMatch(/^the on-failure destination does not take the record: /)
    expect(await committed(kafka(), `${topic}-group`, topic)).toEqual([-1])
    await rm(inTheWay)
    clock.turn(30_000)
    await isCommitted(topic, [1])
    expect((await documents('queue')).map(offsetOf)).toEqual([0])
    expect(await consumer().started()).toBe(1)
  })
})

describe('a template edited', () => {
  test.each([
    [{ BatchSize: 5 }, [5, 5]],
    [{ BatchSize: 10 }, [10]],
    [{ BatchSize: 10, MaximumRetryAttempts: 0 }, [10]],
  ])('to %j changes the invocations, with no other change', async (edited, sizes) => {
    const topic = await kafka().freshTopic('edited', { partitions: 1 })
    await fill(kafka(), topic, 0, 10)
    await tell({ failOffsets: 'MaximumRetryAttempts' in edited ? [0] : [] })
    start(topic, { ...PROVISIONED, ...edited, MaximumBatchingWindowInSeconds: 1 })
    await isCommitted(topic, [10])
    expect((await offsets()).map(({ length }) => length)).toEqual(sizes)
  })
})
