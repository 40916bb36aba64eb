import {
  GetScheduleCommand,
  ListSchedulesCommand,
  type ListSchedulesCommandInput,
  SchedulerClient,
  UpdateScheduleCommand,
  type UpdateScheduleCommandInput,
} from '@aws-sdk/client-scheduler'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  MINUTE_MS,
  metricsFunction,
  START_MS,
  type WatchedCloud,
  watchedCloud,
} from '../cloudwatch/watched-cloud.ts'
import { localClient } from '../local-client.ts'

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:metrics'

const schedule = {
  ...{
    name: 'price-check',
    functionId: 'stack/metrics',
    expression: 'rate(5 minutes)',
    timeZone: 'Europe/Berlin',
  },
  input: '{"a":1}',
}

let watched: WatchedCloud
let client: SchedulerClient

beforeEach(async () => {
  watched = await watchedCloud({
    functions: [metricsFunction()],
    schedules: [schedule, { ...schedule, name: 'report', group: 'reports', enabled: false }],
  })
  client = new SchedulerClient(localClient(await watched.cloud.openApi(0)))
})
afterEach(async () => {
  client.destroy()
  await watched.cloud.stop(0)
})

const get = (Name: string, GroupName?: string) => client.send(new GetScheduleCommand({ Name, GroupName }))

/** As a client changes one thing: all the rest is said again. */
async function update(name: string, change: Partial<UpdateScheduleCommandInput>, group?: string) {
  const { $metadata, Arn, CreationDate, LastModificationDate, ...found } = await get(name, group)
  return client.send(new UpdateScheduleCommand({ ...(found as UpdateScheduleCommandInput), ...change }))
}

/** How often schedules have fired. */
const attempts = (group = 'default') =>
  watched.total('AWS/Scheduler', 'InvocationAttemptCount', { ScheduleGroup: group }) ?? 0

describe('GetSchedule', () => {
  test('says what the template says', async () => {
    const { $metadata, ...found } = await get('price-check')
    expect(found).toEqual({
      Arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/price-check',
      Name: 'price-check',
      GroupName: 'default',
      State: 'ENABLED',
      CreationDate: new Date(START_MS),
      LastModificationDate: new Date(START_MS),
      ScheduleExpression: 'rate(5 minutes)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: FUNCTION,
        RoleArn: 'arn:aws:iam::000000000000:role/local',
        Input: '{"a":1}',
        RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
      },
    })
  })

  test('finds it in its group alone', async () => {
    await expect(get('report')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining('There are default/price-check, reports/report.'),
    })
    expect((await get('report', 'reports')).State).toBe('DISABLED')
  })
})

test('ListSchedules gives them by group, state and the beginning of their names', async () => {
  const names = async (input: ListSchedulesCommandInput) =>
    (await client.send(new ListSchedulesCommand(input))).Schedules?.map(({ Name }) => Name)
  expect(await names({})).toEqual(['price-check', 'report'])
  expect(await names({ GroupName: 'reports' })).toEqual(['report'])
  expect(await names({ State: 'ENABLED' })).toEqual(['price-check'])
  expect(await names({ NamePrefix: 're' })).toEqual(['report'])
  const { NextToken } = await client.send(new ListSchedulesCommand({ MaxResults: 1 }))
  expect(await names({ MaxResults: 1, NextToken })).toEqual(['report'])
})

describe('UpdateSchedule', () => {
  test('stops a schedule, and lets it go on', async () => {
    watched.cloud.startSchedules()
    await watched.minutes(5)
    expect(attempts()).toBe(2)
    const { ScheduleArn } = await update('price-check', { State: 'DISABLED' })
    expect(ScheduleArn).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule/default/price-check')
    await watched.minutes(60)
    expect(attempts()).toBe(2)
    expect((await get('price-check')).State).toBe('DISABLED')
    await update('price-check', { State: 'ENABLED' })
    await watched.minutes(5)
    expect(attempts()).toBe(3)
  })

  test('starts one that the template has disabled', async () => {
    watched.cloud.startSchedules()
    await watched.minutes(10)
    expect(attempts('reports')).toBe(0)
    await update('report', { State: 'ENABLED' }, 'reports')
    await watched.minutes(10)
    expect(attempts('reports')).toBe(2)
  })

  test('takes another expression, in place of the one before', async () => {
    watched.cloud.startSchedules()
    await update('price-check', { ScheduleExpression: 'rate(1 hour)', Description: 'hourly' })
    await watched.minutes(59)
    expect(attempts()).toBe(1)
    await watched.minutes(1)
    expect(attempts()).toBe(2)
    expect(await get('price-check')).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      Description: 'hourly',
      LastModificationDate: new Date(START_MS),
    })
  })

  test('holds where no schedules run, and from their start on', async () => {
    await update('price-check', { State: 'DISABLED' })
    watched.cloud.startSchedules()
    await watched.minutes(10)
    expect(attempts()).toBe(0)
  })

  test('keeps times, windows and retries as they are given', async () => {
    const StartDate = new Date(START_MS + MINUTE_MS)
    await update('price-check', {
      StartDate,
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      Target: {
        Arn: 'arn:aws:lambda:us-east-1:000000000000:function:metrics',
        RoleArn: 'arn:aws:iam::000000000000:role/other',
        RetryPolicy: { MaximumRetryAttempts: 3 },
        DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' },
      },
    })
    const schedule = await get('price-check')
    expect(schedule.Target).not.toHaveProperty('Input')
    expect(schedule).toMatchObject({
      StartDate,
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      Target: {
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 86_400 },
        DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' },
      },
    })
  })

  test.each([
    [{ ScheduleExpression: 'every day' }, 'Invalid Schedule Expression every day.'],
    [
      { ScheduleExpression: 'cron(0 8 * * ? *)', ScheduleExpressionTimezone: 'Mars/Base' },
      'Invalid Schedule Expression cron(0 8 * * ? *).',
    ],
    [
      { Target: { Arn: 'arn:aws:lambda:us-east-1:000000000000:function:x', RoleArn: 'r' } },
      'is not a function here',
    ],
    [{ Target: { Arn: FUNCTION, RoleArn: 'r', Input: 'hello' } }, 'Target.Input must be well-formed JSON.'],
  ])('refuses %j', async (change, message) => {
    await expect(update('price-check', change)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    })
    expect((await get('price-check')).ScheduleExpression).toBe('rate(5 minutes)')
  })
})
