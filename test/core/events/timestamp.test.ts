import { describe, expect, test } from '@jest/globals'
import { eventTimeOfMs, parseEventTime } from '../../../lambdas/core/events/timestamp.ts'

describe('parseEventTime', () => {
  test.each([
    '2026-02-20T12:30:00',
    '2026-02-20T12:30:00Z',
    '2026-02-20T12:30:00z',
    '2026-02-20T12:30',
    '2026-02-20 12:30:00',
    '2026-02-20T14:30:00+02:00',
    '2026-02-20T14:30:00+0200',
    '2026-02-20T07:00:00-05:30',
    '2026-02-20T12:30:00.000000',
    ' 2026-02-20T12:30:00 ',
  ])('reads %p as the same instant', (text) => {
    expect(parseEventTime(text)).toEqual({
      text: '2026-02-20T12:30:00Z',
      micros: Date.UTC(2026, 1, 20, 12, 30) * 1000,
    })
  })

  test('takes a date alone as its midnight in UTC', () => {
    expect(parseEventTime('2026-02-20')?.text).toBe('2026-02-20T00:00:00Z')
  })

  test('keeps microseconds', () => {
    expect(parseEventTime('2026-02-20T12:30:00.123456+02:00')).toEqual({
      text: '2026-02-20T10:30:00.123456Z',
      micros: Date.UTC(2026, 1, 20, 10, 30, 0, 123) * 1000 + 456,
    })
  })

  test('fills a short fraction up and cuts a long one off', () => {
    expect(parseEventTime('2026-02-20T12:30:00.5')?.text).toBe('2026-02-20T12:30:00.500000Z')
    expect(parseEventTime('2026-02-20T12:30:00.123456789')?.text).toBe('2026-02-20T12:30:00.123456Z')
  })

  test('reads times before 1970', () => {
    expect(parseEventTime('1969-12-31T23:59:59.250Z')).toEqual({
      text: '1969-12-31T23:59:59.250000Z',
      micros: -750_000,
    })
  })

  test.each([
    '',
    'yesterday',
    '2026-02-30T12:00:00',
    '2026-13-01',
    '2026-02-20T25:00:00',
    '2026-02-20T12:60:00',
    '2026-02-20T12:30:61',
    '2026-02-20T12:30:00+25:00',
    '20260220T123000',
    '0000-01-01',
    '12026-02-20T12:30:00',
    '1771590600',
  ])('knows no time for %p', (text) => {
    expect(parseEventTime(text)).toBeUndefined()
  })
})

test.each([
  ['0050-03-01T12:00:00', '0050-03-01T12:00:00Z'],
  ['0050-03-01T12:00:00.5', '0050-03-01T12:00:00.500000Z'],
  ['0001-01-01T00:00:00', '0001-01-01T00:00:00Z'],
  ['9999-12-31T23:59:59', '9999-12-31T23:59:59Z'],
])('%s is of the year that it names', (text, utc) => {
  expect(parseEventTime(text)).toEqual({ text: utc, micros: Date.parse(utc) * 1000 })
})

test.each(['0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-01:00', '0000-01-01T00:00:00'])(
  '%s is in no year of four digits',
  (text) => {
    expect(parseEventTime(text)).toBeUndefined()
  },
)

test('a Kafka timestamp beyond the year 9999 is no time', () => {
  expect(eventTimeOfMs(Date.UTC(10_000, 0))).toBeUndefined()
  expect(eventTimeOfMs(8.64e15)).toBeUndefined()
})

test('a Kafka timestamp keeps its milliseconds', () => {
  expect(eventTimeOfMs(1771590600123)).toEqual({
    text: '2026-02-20T12:30:00.123000Z',
    micros: 1771590600123000,
  })
})
