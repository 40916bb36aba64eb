import { describe, expect, test } from '@jest/globals'
import { scheduleTimes } from '../../../../local/cloud/scheduler/schedule-times.ts'

/** The next times after `from`, in UTC, as `2026-03-28 07:00`. */
function times(expression: string, timeZone: string, from: string, count: number): string[] {
  const next = scheduleTimes(expression, timeZone)
  const found: string[] = []
  let at: number | undefined = Date.parse(from)
  while (found.length < count) {
    at = next(at)
    if (at === undefined) break
    found.push(new Date(at).toISOString().slice(0, 16).replace('T', ' '))
  }
  return found
}

describe('a rate', () => {
  test.each([
    ['rate(1 minute)', 60_000],
    ['rate(15 minutes)', 15 * 60_000],
    ['rate(6 hours)', 6 * 3_600_000],
    ['rate(1 day)', 86_400_000],
  ])('%s is that long after the last time', (expression, periodMs) => {
    expect(scheduleTimes(expression, 'UTC')(1_000)).toBe(1_000 + periodMs)
  })

  test('of days is of 24 hours, also when the clock changes', () => {
    expect(times('rate(1 day)', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29 12:00',
      '2026-03-30 12:00',
    ])
  })
})

describe('a cron expression', () => {
  test('keeps to the clock on the wall when summer time begins', () => {
    expect(times('cron(0 8 * * ? *)', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28 07:00',
      '2026-03-29 06:00',
      '2026-03-30 06:00',
    ])
  })

  test('keeps to the clock on the wall when summer time ends', () => {
    expect(times('cron(0 8 * * ? *)', 'Europe/Berlin', '2026-10-24T00:00:00Z', 3)).toEqual([
      '2026-10-24 06:00',
      '2026-10-25 07:00',
      '2026-10-26 07:00',
    ])
  })

  test('leaves out a time that the beginning of summer time leaves out', () => {
    expect(times('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28 01:30',
      '2026-03-30 00:30',
      '2026-03-31 00:30',
    ])
  })

  test('fires once at a time that comes twice', () => {
    expect(times('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25 00:30',
      '2026-10-26 01:30',
    ])
  })

  test('counts the days of the week from 1 for Sunday', () => {
    // 2026-03-29 is a Sunday.
    expect(times('cron(0 8 ? * 1 *)', 'UTC', '2026-03-28T12:00:00Z', 1)).toEqual(['2026-03-29 08:00'])
    expect(times('cron(0 8 ? * SUN *)', 'UTC', '2026-03-28T12:00:00Z', 1)).toEqual(['2026-03-29 08:00'])
    expect(times('cron(0 8 ? * 7 *)', 'UTC', '2026-03-28T12:00:00Z', 1)).toEqual(['2026-04-04 08:00'])
    expect(times('cron(0 8 ? * 2-6 *)', 'UTC', '2026-03-28T12:00:00Z', 6)).toEqual(
      times('cron(0 8 ? * MON-FRI *)', 'UTC', '2026-03-28T12:00:00Z', 6),
    )
  })

  test('holds in its years only', () => {
    expect(times('cron(0 8 1 1 ? 2027-2028)', 'UTC', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2027-01-01 08:00',
      '2028-01-01 08:00',
    ])
    expect(times('cron(0 8 1 1 ? 2020)', 'UTC', '2026-03-28T00:00:00Z', 1)).toEqual([])
  })

  test("takes AWS's steps, last days and nth days", () => {
    const from = '2026-03-28T16:53:00Z'
    expect(times('cron(0/30 8-17 ? * MON-FRI *)', 'UTC', from, 2)).toEqual([
      '2026-03-30 08:00',
      '2026-03-30 08:30',
    ])
    expect(times('cron(0 8 L * ? *)', 'UTC', from, 2)).toEqual(['2026-03-31 08:00', '2026-04-30 08:00'])
    expect(times('cron(0 8 ? * 6#3 *)', 'UTC', from, 1)).toEqual(['2026-04-17 08:00'])
    expect(times('cron(0 8 ? * 6L *)', 'UTC', from, 1)).toEqual(['2026-04-24 08:00'])
  })
})

describe('a time of its own', () => {
  test('comes once, by the clock on the wall of its time zone', () => {
    const from = '2026-03-28T00:00:00Z'
    expect(times('at(2026-03-30T08:00:00)', 'Europe/Berlin', from, 2)).toEqual(['2026-03-30 06:00'])
    expect(times('at(2026-03-28T08:00:00)', 'UTC', from, 2)).toEqual(['2026-03-28 08:00'])
  })

  test('that has passed does not come', () => {
    expect(times('at(2026-03-27T08:00:00)', 'UTC', '2026-03-28T00:00:00Z', 1)).toEqual([])
  })
})

describe('a start and an end', () => {
  const bounds = { startMs: Date.parse('2026-03-28T10:30:00Z'), endMs: Date.parse('2026-03-28T12:30:00Z') }
  const all = (expression: string) => {
    const next = scheduleTimes(expression, 'UTC', bounds)
    const found: string[] = []
    for (let at = next(0); at !== undefined; at = next(at))
      found.push(new Date(at).toISOString().slice(11, 16))
    return found
  }

  test('hold the times of a cron expression between them', () => {
    expect(all('cron(0 * * * ? *)')).toEqual(['11:00', '12:00'])
  })

  test('have a rate begin at the start', () => {
    expect(all('rate(1 hour)')).toEqual(['10:30', '11:30', '12:30'])
  })
})

describe('an expression that cannot be read', () => {
  test.each([
    ['rate(0 hours)', 'UTC'],
    ['rate(5 weeks)', 'UTC'],
    ['rate(hours)', 'UTC'],
    ['cron(0 8 * * ?)', 'UTC'],
    ['cron(99 8 * * ? *)', 'UTC'],
    ['cron(0 8 ? * 0 *)', 'UTC'],
    // Both kinds of day, or neither.
    ['cron(0 8 * * * *)', 'UTC'],
    ['cron(0 8 ? * ? *)', 'UTC'],
    ['cron(0 8 * * ? *)', 'Mars/Base'],
    ['at(2026-03-28)', 'UTC'],
    ['at(2026-13-28T00:00:00)', 'UTC'],
    ['at(2026-03-28T00:00:00)', 'Mars/Base'],
    ['', 'UTC'],
  ])('%s in %s gives one sentence that names it', (expression, timeZone) => {
    const start = `The schedule ${expression} (${timeZone}) cannot be read; it takes`
    const message = expect.stringContaining(start)
    expect(() => scheduleTimes(expression, timeZone)).toThrow(
      expect.objectContaining({ code: 'schedule_unreadable', message }),
    )
  })
})
