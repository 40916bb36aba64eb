import { describe, expect, test } from '@jest/globals'
import { KeeperError } from '../../lambdas/core/errors.ts'
import { createLogger, errorFields } from '../../lambdas/core/logger.ts'

function logged(use: (log: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = []
  use(createLogger({ function: 'price-check' }, (line) => lines.push(line)))
  return lines
}

describe('a line', () => {
  test('is one JSON object with its level, its time, its context and its fields', () => {
    const [line = ''] = logged((log) => log.warn('kafkajs', { detail: 'two\nlines' }))
    expect(line.endsWith('\n')).toBe(true)
    expect(line.trim().split('\n')).toHaveLength(1)
    const { timestamp, ...fields } = JSON.parse(line)
    expect(fields).toEqual({
      level: 'WARN',
      message: 'kafkajs',
      function: 'price-check',
      detail: 'two\nlines',
    })
    expect(new Date(timestamp).toISOString()).toBe(timestamp)
  })

  test('has the level of its method, as Lambda’s log format names it', () => {
    const lines = logged((log) => {
      log.info('one')
      log.warn('two')
      log.error('three')
    })
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['INFO', 'WARN', 'ERROR'])
  })
})

describe('errorFields', () => {
  test('an error of ours is its code and message', () => {
    expect(errorFields(new KeeperError('kafka_unreachable', 'no broker'))).toEqual({
      errorCode: 'kafka_unreachable',
      errorMessage: 'no broker',
    })
  })

  test('an error that nobody translated brings its stack', () => {
    expect(errorFields(new TypeError('x is undefined'))).toEqual({
      errorCode: undefined,
      errorMessage: 'x is undefined',
      stack: expect.stringContaining('logger.test'),
    })
  })

  test('whatever was thrown is shown', () => {
    expect(errorFields('text')).toEqual({ errorCode: undefined, errorMessage: 'text' })
  })
})
