import { expect, test } from '@jest/globals'
import { linesTogether, type StreamedLine } from '../../client/invocation-lines.ts'

let second = 0
const line = (stream: string, fields: object): StreamedLine => {
  second += 1
  const at = new Date(Date.UTC(2026, 1, 20, 12, 0, second)).toISOString()
  return { at, stream, line: JSON.stringify({ ...fields, second }) }
}
const start = (stream: string, requestId: string) =>
  line(stream, { type: 'platform.start', record: { requestId } })
const report = (stream: string, requestId: string) =>
  line(stream, { type: 'platform.report', record: { requestId } })

test('a line leads to all of its invocation, and to none of those before, after and beside it', () => {
  const before = [start('a', '1'), line('a', { message: 'one' }), report('a', '1')]
  const beside = [start('b', '2'), line('b', { message: 'two' })]
  const its = [
    start('a', '3'),
    line('a', { message: 'three' }),
    line('a', { message: 'four' }),
    report('a', '3'),
  ]
  const [first, ...rest] = its
  const all = [...before, first, ...beside, ...rest].filter((each) => each !== undefined)
  for (const one of its) expect(linesTogether(all, one)).toEqual(its)
})

test('of invocations that share a stream, lines that name their request are told apart', () => {
  const failed = line('local', { message: 'the invocation failed', requestId: '1' })
  const lines = [start('local', '1'), start('local', '2'), failed, report('local', '2')]
  expect(linesTogether(lines, failed)).toEqual([lines[0], failed])
})

test('a line before any invocation, or one that is no JSON, stands alone', () => {
  const text: StreamedLine = { at: '2026-02-20T11:00:00.000Z', stream: 'a', line: 'npm warn' }
  expect(linesTogether([text, start('a', '1')], text)).toEqual([text])
})
