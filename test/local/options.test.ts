import { describe, expect, test } from '@jest/globals'
import { readOptions, USAGE } from '../../local/options.ts'

describe('options', () => {
  test('are all at their defaults where none is given', () => {
    expect(readOptions([])).toEqual({
      help: false,
      engine: undefined,
      fresh: false,
      everyMs: undefined,
      schedules: true,
      twice: false,
      assembly: undefined,
      env: {},
      parameters: {},
      stacks: [],
      ports: { kafka: undefined, aws: undefined, console: undefined },
      search: false,
      connect: false,
      idleMs: undefined,
      state: undefined,
    })
  })

  test('are read', () => {
    const args = ['--engine', 'embedded', '--fresh', '--every', '10s', '--state', '/tmp/here']
    expect(readOptions(args)).toMatchObject({
      engine: 'embedded',
      fresh: true,
      everyMs: 10_000,
      state: '/tmp/here',
    })
    const app = ['--assembly', 'cdk.out', '--env', 'URL=http://here/?a=b', '--env', 'EMPTY=']
    expect(readOptions(app)).toMatchObject({
      assembly: 'cdk.out',
      env: { URL: 'http://here/?a=b', EMPTY: '' },
    })
    const part = ['--assembly', 'out', '--parameters', 'A=1=2', '--parameters', 'shop:B=', '--stack', 'shop']
    expect(readOptions(part)).toMatchObject({ parameters: { A: '1=2', 'shop:B': '' }, stacks: ['shop'] })
    const ports = ['--kafka-port', '9192', '--aws-port', '3101', '--console-port', '8180', '--idle', '30s']
    expect(readOptions(ports)).toMatchObject({
      ports: { kafka: 9192, aws: 3101, console: 8180 },
      idleMs: 30_000,
    })
    expect(readOptions(['--search'])).toMatchObject({ search: true, connect: false })
    expect(readOptions(['--connect'])).toMatchObject({ search: true, connect: true })
    expect(readOptions(['--twice'])).toMatchObject({ twice: true, schedules: true })
    expect(readOptions(['--no-schedules', '--help'])).toMatchObject({ schedules: false, help: true })
  })

  test.each([
    ['1s', 1_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
  ])('--every %s is %d ms', (text, everyMs) => {
    expect(readOptions(['--every', text]).everyMs).toBe(everyMs)
  })

  test.each(['0s', '10', '1.5s', '-1s', 's', '1d', '9999h', ''])(
    '--every "%s" is refused with what to use',
    (text) => {
      expect(() => readOptions([`--every=${text}`])).toThrow(
        `--every is "${text}": use a whole number with s, m or h, for example 10s.`,
      )
    },
  )

  test.each([
    [['--engine', 'docker'], '--engine is "docker": use one of embedded, compose, external.'],
    [
      ['--every', '1s', '--no-schedules'],
      '--every and --no-schedules contradict each other: use one of them.',
    ],
    [['--search', '--assembly', 'out'], '--search and --assembly contradict each other: use one of them.'],
    [['--env', 'A=b'], '--env needs --assembly'],
    [['--assembly', 'out', '--env', 'A'], '--env is "A": use NAME=VALUE.'],
    [['--parameters', 'A=b'], '--parameters needs --assembly'],
    [['--stack', 'shop'], '--stack needs --assembly'],
    [['--assembly', 'out', '--parameters', 'A'], '--parameters is "A": use NAME=VALUE or STACK:NAME=VALUE.'],
    [['--kafka-port', '0'], '--kafka-port is "0": use a number from 1 to 65535.'],
    [['--aws-port', 'x'], '--aws-port is "x": use a number from 1 to 65535.'],
    [['--idle', '5'], '--idle is "5": use a whole number with s, m or h, for example 10s.'],
    [['--twice', '--no-schedules'], '--twice and --no-schedules contradict each other: use one of them.'],
    [['--evry', '1s'], "Unknown option '--evry'"],
    [['now'], "Unexpected argument 'now'"],
    [['--state'], "Option '--state <value>' argument missing"],
  ])('%j is refused', (args, message) => {
    expect(() => readOptions(args)).toThrow(
      expect.objectContaining({ code: 'bad_option', message: expect.stringContaining(message) }),
    )
  })

  test('are all in the usage', () => {
    for (const name of [
      'every',
      'no-schedules',
      'twice',
      'assembly',
      'env',
      'fresh',
      'state',
      'engine',
      'parameters',
      'stack',
      'kafka-port',
      'aws-port',
      'console-port',
      'idle',
      'help',
    ]) {
      expect(USAGE).toContain(`--${name}`)
    }
  })
})
