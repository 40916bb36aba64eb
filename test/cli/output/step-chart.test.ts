import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { stepChart } from '../../../cli/output/step-chart.ts'

const from = Date.UTC(2026, 0, 1)
const until = Date.UTC(2026, 0, 31)
const day = (number: number) => Date.UTC(2026, 0, number)

describe('stepChart', () => {
  test('draws steps from the time of each value on, over a time axis', () => {
    const steps = [
      { atMs: day(1), value: 50 },
      { atMs: day(11), value: 40 },
      { atMs: day(21), value: 60 },
    ]
    const chart = stepChart(steps, { fromMs: from, untilMs: until, width: 37, height: 3 })
    expect(chart.split('\n')).toEqual([
      '60.00 ┤⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⡏⠉⠉⠉⠉⠉⠉⠉⠉⠉',
      '50.00 ┤⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⡆⠀⠀⠀⠀⠀⠀⠀⠀⠀⡇⠀⠀⠀⠀⠀⠀⠀⠀⠀',
      '40.00 ┤⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⣇⣀⣀⣀⣀⣀⣀⣀⣀⣀⡇⠀⠀⠀⠀⠀⠀⠀⠀⠀',
      '      └──────────────────────────────',
      '       2026-01-01          2026-01-31',
    ])
  })

  test('begins with the value in force at the start, and leaves out what no price was known for', () => {
    const before = stepChart([{ atMs: day(-9), value: 5 }], {
      fromMs: from,
      untilMs: until,
      width: 20,
      height: 1,
    })
    expect(before.split('\n')[0]).toMatch(/^5\.00 ┤[^\u2800]{14}$/)
    const later = stepChart([{ atMs: day(16), value: 5 }], {
      fromMs: from,
      untilMs: until,
      width: 20,
      height: 1,
    })
    expect(later.split('\n')[0]).toMatch(/^5\.00 ┤\u2800{7}[^\u2800]{7}$/)
  })

  test('draws nothing where there was no value', () => {
    const steps = [
      { atMs: from, value: 10 },
      { atMs: day(11), value: null },
      { atMs: day(21), value: 10 },
    ]
    const [line] = stepChart(steps, { fromMs: from, untilMs: until, width: 37, height: 1 }).split('\n')
    expect(line).toMatch(/^10\.00 ┤[^\u2800]{11}\u2800{9}[^\u2800]{10}$/)
  })

  test('loses no spike, however short', () => {
    const steps = [
      { atMs: from, value: 10 },
      { atMs: day(15), value: 99 },
      { atMs: day(15) + 1, value: 10 },
    ]
    const [top] = stepChart(steps, { fromMs: from, untilMs: until, width: 60 }).split('\n')
    expect(top?.match(/[\u2801-\u28ff]/g)).toHaveLength(1)
  })

  test('fits the width, whatever it shows', () => {
    const step = fc.record({
      atMs: fc.integer({ min: day(-30), max: day(60) }),
      value: fc.integer({ min: 1, max: 9_999_999_999 }).map((cents) => cents / 100),
    })
    const steps = fc.array(step, { minLength: 1 }).map((all) => all.toSorted((a, b) => a.atMs - b.atMs))
    fc.assert(
      fc.property(steps, fc.integer({ min: 40, max: 300 }), (shown, width) => {
        const lines = stepChart(shown, { fromMs: from, untilMs: until, width }).split('\n')
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
      }),
    )
  })

  test('is empty where nothing is to be shown', () => {
    expect(stepChart([], { fromMs: from, untilMs: until, width: 80 })).toBe('')
  })
})
