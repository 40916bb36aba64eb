import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { ScheduleResource } from '../../../../local/cloud/scheduler/schedule-resource.ts'
import { LocalScheduler } from '../../../../local/cloud/scheduler/scheduler.ts'
import { until } from '../../until.ts'
import { TurnableClock } from '../turnable-clock.ts'

const START = '2026-03-28T09:59:00.000Z'

const priceCheck: ScheduleResource = {
  name: 'price-check-schedule',
  functionId: 'stack/price-check',
  expression: 'rate(6 hours)',
  timeZone: 'Etc/UTC',
  input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
}
const report: ScheduleResource = {
  ...priceCheck,
  name: 'report-schedule',
  expression: 'cron(0 12 * * ? *)',
  timeZone: 'Europe/Berlin',
}

/** Starts a scheduler; `fired` grows by name and input. */
function start(schedules: readonly ScheduleResource[], everyMs?: number) {
  const fired: [string, string][] = []
  const scheduler = new LocalScheduler({
    ...(everyMs !== undefined && { everyMs: () => everyMs }),
    fire: ({ name }, input) => fired.push([name, input]),
  })
  scheduler.start(schedules)
  return { scheduler, fired }
}

const at = (time: string): string => `{"scheduledTime":"${time}"}`

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse(START) })
})
afterEach(() => {
  jest.useRealTimers()
})

describe('schedules', () => {
  test('fire once at the start, then when their expressions say, each with its time', () => {
    const { fired } = start([priceCheck, report])
    expect(fired).toEqual([
      ['price-check-schedule', at(START)],
      ['report-schedule', at(START)],
    ])
    jest.advanceTimersByTime(12.5 * 3_600_000)
    expect(fired.slice(2)).toEqual([
      ['report-schedule', at('2026-03-28T11:00:00.000Z')],
      ['price-check-schedule', at('2026-03-28T15:59:00.000Z')],
      ['price-check-schedule', at('2026-03-28T21:59:00.000Z')],
    ])
  })

  test('fire by a period of their own where one is given', () => {
    const { fired } = start([priceCheck, report], 10_000)
    jest.advanceTimersByTime(30_000)
    expect(fired.filter(([name]) => name === 'report-schedule').map(([, input]) => input)).toEqual([
      at(START),
      at('2026-03-28T09:59:10.000Z'),
      at('2026-03-28T09:59:20.000Z'),
      at('2026-03-28T09:59:30.000Z'),
    ])
  })

  test('fire no more once stopped', () => {
    const { scheduler, fired } = start([priceCheck], 10_000)
    scheduler.stop()
    jest.advanceTimersByTime(60_000)
    expect(fired).toHaveLength(1)
  })

  test('wait for a time that is further away than a timer reaches', () => {
    const { fired } = start([{ ...priceCheck, expression: 'cron(0 8 1 6 ? 2026)' }])
    jest.advanceTimersByTime(Date.parse('2026-06-01T07:59:59Z') - Date.parse(START))
    expect(fired).toHaveLength(1)
    jest.advanceTimersByTime(2_000)
    expect(fired.map(([, input]) => input)).toEqual([at(START), at('2026-06-01T08:00:00.000Z')])
  })

  test('fire once for all the times that passed while the machine slept', () => {
    const { fired } = start([priceCheck], 10_000)
    jest.setSystemTime(Date.parse(START) + 3_600_000)
    jest.advanceTimersByTime(10_000)
    jest.advanceTimersByTime(10_000)
    expect(fired).toHaveLength(3)
  })

  test('replace the context attributes, and leave other texts as they are', () => {
    const input =
      '["<aws.scheduler.schedule-arn>","<aws.scheduler.attempt-number>","<aws.scheduler.execution-id>","<other>"]'
    const { fired } = start([{ ...priceCheck, input }])
    expect(JSON.parse(fired[0]?.[1] ?? '')).toEqual([
      'arn:aws:scheduler:us-east-1:000000000000:schedule/default/price-check-schedule',
      '1',
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      '<other>',
    ])
  })

  test('replace them where they stand twice, in keys and with escaped brackets', () => {
    const attribute = '<aws.scheduler.attempt-number>'
    const input = `{"${attribute}":"a ${attribute} b ${attribute}","escaped":"\\u003caws.scheduler.attempt-number\\u003e"}`
    const { fired } = start([{ ...priceCheck, input }])
    expect(JSON.parse(fired[0]?.[1] ?? '')).toEqual({ 1: 'a 1 b 1', escaped: '1' })
  })

  test("without Input deliver Scheduler's default notification", () => {
    const { fired } = start([{ ...priceCheck, input: undefined }])
    expect(JSON.parse(fired[0]?.[1] ?? '')).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account: '000000000000',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'us-east-1',
      resources: ['arn:aws:scheduler:us-east-1:000000000000:schedule/default/price-check-schedule'],
      detail: '{}',
    })
  })

  test('fire not at all where one of them cannot be read', () => {
    const fired: string[] = []
    const scheduler = new LocalScheduler({ fire: ({ name }) => fired.push(name) })
    expect(() => scheduler.start([priceCheck, { ...report, expression: 'rate(soon)' }])).toThrow(
      'The schedule rate(soon) (Europe/Berlin) cannot be read',
    )
    expect(fired).toEqual([])
  })
})

describe('a schedule', () => {
  const HOUR_MS = 3_600_000

  test('for one time fires then, and not at the start', () => {
    const { fired } = start([{ ...priceCheck, expression: 'at(2026-03-28T12:00:00)' }])
    expect(fired).toEqual([])
    jest.advanceTimersByTime(48 * HOUR_MS)
    expect(fired).toEqual([['price-check-schedule', at('2026-03-28T12:00:00.000Z')]])
  })

  test('fires within its flexible window, with its own time, at the same moment in each run', () => {
    const moments = [0, 1].map(() => {
      jest.setSystemTime(Date.parse(START))
      const when: string[] = []
      const scheduler = new LocalScheduler({ fire: () => when.push(new Date().toISOString()) })
      scheduler.start([{ ...priceCheck, expression: 'rate(1 hour)', flexibleWindowMinutes: 15 }])
      jest.advanceTimersByTime(3.5 * HOUR_MS)
      scheduler.stop()
      return when
    })
    expect(moments[0]).toHaveLength(4)
    expect(moments[1]).toEqual(moments[0])
    const delays = (moments[0] ?? []).map((moment) => (Date.parse(moment) - Date.parse(START)) % HOUR_MS)
    for (const delay of delays) expect(delay).toBeLessThan(15 * 60_000)
    expect(new Set(delays).size).toBe(4)
  })

  test('fires between its start and its end only', () => {
    const startMs = Date.parse(START) + HOUR_MS
    const { fired } = start([
      { ...priceCheck, expression: 'rate(1 hour)', startMs, endMs: startMs + HOUR_MS },
    ])
    expect(fired).toEqual([])
    jest.advanceTimersByTime(10 * HOUR_MS)
    expect(fired.map(([, input]) => input)).toEqual([
      at('2026-03-28T10:59:00.000Z'),
      at('2026-03-28T11:59:00.000Z'),
    ])
  })
})

describe('a delivery that fails', () => {
  const input = '["<aws.scheduler.attempt-number>","<aws.scheduler.execution-id>"]'

  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keeper-scheduler-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  /** Starts a schedule whose deliveries all fail but the one of number `success`. */
  function failing(schedule: Partial<ScheduleResource>, success?: number) {
    const clock = new TurnableClock(Date.parse(START))
    const attempts: [string, string][] = []
    const measured: string[] = []
    const scheduler = new LocalScheduler({
      clock,
      destinationDirectory: directory,
      fire: (_, given) => {
        attempts.push(JSON.parse(given))
        if (attempts.length !== success) throw new Error('nobody there')
      },
      measured: (_, metric) => measured.push(metric),
    })
    scheduler.start([{ ...priceCheck, expression: 'rate(30 days)', input, ...schedule }])
    return { clock, attempts, measured }
  }

  /** What the dead-letter queue holds. */
  const deadLetters = async () => {
    const folder = join(directory, 'FailedRuns')
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'))
    return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))))
  }

  test('is tried again with the next attempt number and the same execution', () => {
    const { clock, attempts } = failing({}, 3)
    clock.turn(86_400_000)
    expect(attempts.map(([attempt]) => attempt)).toEqual(['1', '2', '3'])
    expect(new Set(attempts.map(([, execution]) => execution)).size).toBe(1)
  })

  test('goes to the dead-letter queue once its attempts are used', async () => {
    jest.useRealTimers()
    const { clock, attempts } = failing({ maximumRetryAttempts: 2, deadLetterQueue: 'FailedRuns' })
    clock.turn(86_400_000)
    expect(attempts).toHaveLength(3)
    await until(async () => (await deadLetters()).length === 1)
    const [letter] = await deadLetters()
    expect(JSON.parse(letter.messageBody)).toEqual(attempts[2])
    expect(letter.messageAttributes).toMatchObject({
      ERROR_MESSAGE: 'nobody there',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '2',
      SCHEDULED_TIME: START,
      SCHEDULE_ARN: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/price-check-schedule',
    })
  })

  test('is counted: each attempt, each error, what is given up and what the queue took', async () => {
    jest.useRealTimers()
    const { clock, measured } = failing({ maximumRetryAttempts: 1, deadLetterQueue: 'FailedRuns' })
    clock.turn(86_400_000)
    await until(() => measured.length === 6)
    expect(measured).toEqual([
      ...['InvocationAttemptCount', 'TargetErrorCount'],
      ...['InvocationAttemptCount', 'TargetErrorCount'],
      ...['InvocationDroppedCount', 'InvocationsSentToDeadLetterCount'],
    ])
  })

  test('goes to the dead-letter queue once it is too old', async () => {
    jest.useRealTimers()
    const { clock, attempts } = failing({ maximumEventAgeSeconds: 60, deadLetterQueue: 'FailedRuns' })
    clock.turn(86_400_000)
    expect(attempts).toHaveLength(6)
    await until(async () => (await deadLetters()).length === 1)
    expect((await deadLetters())[0].messageAttributes.EXHAUSTED_RETRY_CONDITION).toBe(
      'MaximumEventAgeInSeconds',
    )
  })
})
