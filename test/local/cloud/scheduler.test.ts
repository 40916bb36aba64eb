import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { LocalScheduler } from '../../../local/cloud/scheduler.ts'
import type { ScheduleResource } from '../../../local/cloud/template.ts'

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
    everyMs,
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

  test('fire not at all where one of them cannot be read', () => {
    const fired: string[] = []
    const scheduler = new LocalScheduler({ fire: ({ name }) => fired.push(name) })
    expect(() => scheduler.start([priceCheck, { ...report, expression: 'rate(soon)' }])).toThrow(
      'The schedule rate(soon) (Europe/Berlin) cannot be read',
    )
    expect(fired).toEqual([])
  })
})
