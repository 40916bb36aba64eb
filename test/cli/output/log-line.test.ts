import { describe, expect, test } from '@jest/globals'
import { logJson, logLine } from '../../../cli/output/log-line.ts'
import { createLogger } from '../../../lambdas/core/logger.ts'
import { emitMetrics } from '../../../lambdas/core/metrics.ts'

const AT = new Date('2026-02-20T08:00:00.123Z')
const shown = (line: string) => logLine({ at: AT, line })

/** A line as our logger writes it. */
function logged(message: string, fields: object): string {
  let line = ''
  createLogger({ function: 'price-check' }, (text) => {
    line = text
  }).warn(message, { ...fields, timestamp: AT.toISOString() })
  return line.trimEnd()
}

describe('a line of the log', () => {
  test('of our logger is time, level, message and fields', () => {
    expect(
      shown(logged('prices found', { domain: 'de', offers: { B1: 'new' }, title: 'a b', missing: null })),
    ).toBe(
      '2026-02-20T08:00:00.123Z WARN  prices found domain=de offers={"B1":"new"} title="a b" missing=null',
    )
  })

  test("of Lambda itself says an invocation's begin and end", () => {
    const report = { requestId: 'r-1', metrics: { durationMs: 12.5 }, status: 'success' }
    expect(shown(JSON.stringify({ time: AT.toISOString(), type: 'platform.report', record: report }))).toBe(
      '2026-02-20T08:00:00.123Z ----- report requestId=r-1 status=success durationMs=12.5',
    )
  })

  test('of metrics shows what they count', () => {
    let line = ''
    emitMetrics(
      'price-check',
      { EventsSent: 3 },
      (text) => {
        line = text
      },
      { KEEPER_STAGE: 'dev' },
    )
    expect(shown(line.trimEnd())).toBe(
      '2026-02-20T08:00:00.123Z ----- metrics Stage=dev Function=price-check EventsSent=3',
    )
  })

  test.each(['no JSON', '[1]', '"text"', '{"open'])('that is %s is shown as it is', (line) => {
    expect(shown(line)).toBe(`2026-02-20T08:00:00.123Z       ${line}`)
    expect(JSON.parse(logJson({ at: AT, line }))).toEqual({ timestamp: AT.toISOString(), message: line })
  })

  test('brings no control characters to the terminal, wherever they are', () => {
    const lines = [
      'raw\u001b[2J',
      logged('said\u001b[2J', { title: '\u001b[31m', 'na\u009bme': ['\u202e'] }),
      JSON.stringify({ time: 'x', type: 'platform.st\u009bart', record: { a: '\u009b' } }),
      JSON.stringify({ level: '\u009bE', timestamp: '\u009b', message: { deep: '\u009b' } }),
    ]
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    for (const line of lines) expect(shown(line)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  })

  test('is its own object as JSON', () => {
    const line = logged('m', { a: 1 })
    expect(JSON.parse(logJson({ at: AT, line }))).toEqual(JSON.parse(line))
  })
})
