import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { metricsFunction, START_MS, type WatchedCloud, watchedCloud } from '../cloudwatch/watched-cloud.ts'
import { localClient } from '../local-client.ts'

const logGroupName = '/aws/lambda/metrics'
const logStreamName = '[$LATEST]local'

let watched: WatchedCloud
let client: CloudWatchLogsClient

beforeEach(async () => {
  watched = await watchedCloud({
    functions: [metricsFunction(), metricsFunction({ id: 'stack/idle', name: 'idle' })],
  })
  client = new CloudWatchLogsClient(localClient(await watched.cloud.openApi(0)))
  await mkdir(join(watched.directory, 'logs'), { recursive: true })
})
afterEach(async () => {
  client.destroy()
  await watched.cloud.stop(0)
})

/** Writes lines into the function's log, one a second; a text stays as it is. */
const log = (...lines: readonly (number | string)[]) =>
  appendFile(
    join(watched.directory, 'logs', 'metrics.log'),
    lines
      .map((line) => (typeof line === 'string' ? line : lineOf(line)))
      .map((line) => `${line}\n`)
      .join(''),
  )
const lineOf = (second: number): string =>
  JSON.stringify({
    level: 'INFO',
    timestamp: new Date(START_MS + second * 1_000).toISOString(),
    message: `line ${second}`,
  })

const filter = (input: Partial<FilterLogEventsCommandInput> = {}) =>
  client.send(new FilterLogEventsCommand({ logGroupName, ...input }))
const getEvents = (input: Partial<GetLogEventsCommandInput> = {}) =>
  client.send(new GetLogEventsCommand({ logGroupName, logStreamName, ...input }))
const seconds = (events: readonly { readonly message?: string }[] = []) =>
  events.map(({ message = '' }) => Number(/line (\d+)/.exec(message)?.[1]))

describe('FilterLogEvents', () => {
  test('gives what a function has written, each with its time', async () => {
    await watched.invoke({ sales: 3 })
    const { events } = await filter({ filterPattern: '{ $.type = "platform.report" }' })
    expect(events).toHaveLength(1)
    expect(Math.abs((events?.[0]?.timestamp ?? 0) - Date.now())).toBeLessThan(60_000)
    expect(events?.[0]?.logStreamName).toBe(logStreamName)
  })

  test('gives what matches, within the times, and a line without a time with the one before', async () => {
    await log(1, 2, '{"_aws":{}}', 3, 4)
    const { events } = await filter({ startTime: START_MS + 2_000, endTime: START_MS + 3_000 })
    expect(events?.map(({ timestamp, message }) => [timestamp, message])).toEqual([
      [START_MS + 2_000, lineOf(2)],
      [START_MS + 2_000, '{"_aws":{}}'],
      [START_MS + 3_000, lineOf(3)],
    ])
    expect(seconds((await filter({ filterPattern: '"line 4"' })).events)).toEqual([4])
  })

  test('gives page after page, and each event once', async () => {
    await log(1, 2, 3)
    const first = await filter({ limit: 2 })
    const second = await filter({ limit: 2, nextToken: first.nextToken })
    expect([seconds(first.events), seconds(second.events)]).toEqual([[1, 2], [3]])
    expect(second.nextToken).toBeUndefined()
    const ids = [...(first.events ?? []), ...(second.events ?? [])].map(({ eventId }) => eventId)
    expect(new Set(ids).size).toBe(3)
  })

  test('gives a line without a time that of the line before, though that is on the page before', async () => {
    await log(1, '{"_aws":{}}')
    const { nextToken } = await filter({ limit: 1 })
    const { events } = await filter({ nextToken })
    expect(events?.map(({ timestamp }) => timestamp)).toEqual([START_MS + 1_000])
  })

  test('finds the time in a long log', async () => {
    await log(...Array.from({ length: 40_000 }, (_, index) => index))
    const { events } = await filter({ startTime: START_MS + 39_998_000 })
    expect(seconds(events)).toEqual([39_998, 39_999])
    const early = await filter({ startTime: START_MS + 5_000, endTime: START_MS + 6_000 })
    expect(seconds(early.events)).toEqual([5, 6])
  })

  test('has nothing of a function that has not run, and of another stream', async () => {
    await log(1)
    expect((await filter({ logGroupName: '/aws/lambda/idle' })).events).toEqual([])
    expect((await filter({ logStreamNames: ['2026/03/28/[$LATEST]abc'] })).events).toEqual([])
  })
})

describe('GetLogEvents', () => {
  test('gives the newest, and leads back to what was before and on to what comes', async () => {
    await log(1, 2, 3, 4, 5)
    const newest = await getEvents({ limit: 2 })
    expect(seconds(newest.events)).toEqual([4, 5])
    const before = await getEvents({ limit: 2, nextToken: newest.nextBackwardToken })
    expect(seconds(before.events)).toEqual([2, 3])
    const end = await getEvents({ nextToken: newest.nextForwardToken })
    expect([end.events, end.nextForwardToken]).toEqual([[], newest.nextForwardToken])
    await log(6)
    expect(seconds((await getEvents({ nextToken: newest.nextForwardToken })).events)).toEqual([6])
  })

  test('begins at the head where it is asked to', async () => {
    await log(1, 2, 3)
    const first = await getEvents({ startFromHead: true, limit: 2 })
    expect(seconds(first.events)).toEqual([1, 2])
    expect(
      seconds((await getEvents({ startFromHead: true, nextToken: first.nextForwardToken })).events),
    ).toEqual([3])
    const head = await getEvents({ nextToken: first.nextBackwardToken })
    expect([head.events, head.nextBackwardToken]).toEqual([[], first.nextBackwardToken])
  })
})

test('DescribeLogGroups and DescribeLogStreams say what there is', async () => {
  await log(1)
  const { logGroups } = await client.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/' }),
  )
  expect(logGroups?.map((group) => group.logGroupName)).toEqual(['/aws/lambda/idle', logGroupName])
  expect(logGroups?.[1]).toMatchObject({
    arn: 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/metrics:*',
    storedBytes: lineOf(1).length + 1,
  })
  const some = await client.send(new DescribeLogGroupsCommand({ logGroupNamePattern: 'METR' }))
  expect(some.logGroups).toHaveLength(1)
  const identifier = logGroups?.[1]?.logGroupArn
  const { logStreams } = await client.send(new DescribeLogStreamsCommand({ logGroupIdentifier: identifier }))
  expect(logStreams).toMatchObject([{ logStreamName }])
  const none = await client.send(new DescribeLogStreamsCommand({ logGroupName: '/aws/lambda/idle' }))
  expect(none.logStreams).toEqual([])
})

describe('what cannot be done is refused as CloudWatch Logs refuses it', () => {
  test.each([
    [
      'an unknown group',
      () => filter({ logGroupName: '/aws/lambda/x' }),
      'ResourceNotFoundException',
      'There are /aws/lambda/metrics',
    ],
    [
      'an unknown stream',
      () => getEvents({ logStreamName: 'x' }),
      'ResourceNotFoundException',
      'There is [$LATEST]local',
    ],
    [
      'a pattern',
      () => filter({ filterPattern: '{ x }' }),
      'InvalidParameterException',
      'Invalid filter pattern { x }',
    ],
    ['a token', () => filter({ nextToken: 'x' }), 'InvalidParameterException', 'nextToken is invalid'],
    ['a limit', () => filter({ limit: 0 }), 'InvalidParameterException', 'limit is 0'],
    [
      'to write',
      () => client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents: [] })),
      'UnknownOperationException',
      'there are DescribeLogGroups,',
    ],
  ])('%s', async (_, ask, name, message) => {
    await expect(ask()).rejects.toMatchObject({ name, message: expect.stringContaining(message) })
  })
})
