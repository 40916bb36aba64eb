import { describe, expect, test } from '@jest/globals'
import { nextRun } from '../../client/next-run.ts'

const next = async (expression: string, now: string, rest: object = {}) =>
  (await nextRun({ expression, timeZone: 'UTC', ...rest }, new Date(now)))?.toISOString()

describe('the next run', () => {
  test.each([
    ['rate(6 hours)', '2026-02-20T13:00:00Z', '2026-02-20T18:30:00.000Z'],
    ['rate(1 day)', '2026-02-20T13:00:00Z', '2026-02-21T00:30:00.000Z'],
    ['rate(10 minutes)', '2026-02-20T00:30:00Z', '2026-02-20T00:40:00.000Z'],
  ])('of %s counts from its last change', async (expression, now, expected) => {
    expect(await next(expression, now, { since: new Date('2026-02-20T00:30:00Z') })).toBe(expected)
  })

  test('of a rate that begins later is its beginning', async () => {
    const start = new Date('2026-03-01T00:00:00Z')
    expect(await next('rate(6 hours)', '2026-02-20T00:00:00Z', { start, since: new Date(0) })).toBe(
      start.toISOString(),
    )
  })

  test.each([
    // Sunday is 1 on AWS.
    ['cron(0 8 ? * 2-6 *)', '2026-02-20T09:00:00Z', '2026-02-23T08:00:00.000Z'],
    ['cron(0/15 * * * ? *)', '2026-02-20T09:01:00Z', '2026-02-20T09:15:00.000Z'],
    ['at(2026-02-20T10:00:00)', '2026-02-20T09:01:00Z', '2026-02-20T10:00:00.000Z'],
  ])('of %s is found in the calendar', async (expression, now, expected) => {
    expect(await next(expression, now)).toBe(expected)
  })

  test('holds in the time zone, and leaves out what summer time leaves out', async () => {
    const berlin = { timeZone: 'Europe/Berlin' }
    expect(await next('cron(0 8 * * ? *)', '2026-03-28T12:00:00Z', berlin)).toBe('2026-03-29T06:00:00.000Z')
    expect(await next('cron(30 2 * * ? *)', '2026-03-28T12:00:00Z', berlin)).toBe('2026-03-30T00:30:00.000Z')
  })

  test.each([
    ['at(2026-02-20T10:00:00)', '2026-02-20T10:00:00Z', {}],
    ['cron(0 8 * * ? *)', '2026-02-20T09:00:00Z', { end: new Date('2026-02-20T10:00:00Z') }],
    ['rate(6 hours)', '2026-02-20T09:00:00Z', {}],
    ['cron(nonsense)', '2026-02-20T09:00:00Z', {}],
  ])('of %s is not made up where there is none', async (expression, now, rest) => {
    expect(await next(expression, now, rest)).toBeUndefined()
  })
})
