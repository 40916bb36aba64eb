import { expect, test } from '@jest/globals'
import { readAnswer } from '../../../lambdas/core/keepa/answers.ts'
import { readFixture } from './keepa-server.ts'

test.each([
  [400, 'keepa_rejected'],
  [401, 'keepa_rejected'],
  [402, 'keepa_payment'],
  [403, 'keepa_rejected'],
  [404, 'keepa_not_found'],
  [405, 'keepa_rejected'],
])('takes %i for a refusal, %s, whatever the body', (status, code) => {
  for (const text of ['<html>', '', '{"error":{"type":"x"}}'])
    expect(readAnswer(status, text)).toMatchObject({ kind: 'refusal', code })
})

test.each([302, 408, 500, 502, 503, 504])('takes %i for a fault', (status) => {
  expect(readAnswer(status, '{}').kind).toBe('fault')
})

test.each(['', '<html></html>', '[]', 'null', '42', '{"products":[{"asin":"B0'])(
  'takes 200 with %p for a fault',
  (text) => {
    expect(readAnswer(200, text).kind).toBe('fault')
  },
)

test('takes 429 for a lack of tokens even without a body', () => {
  expect(readAnswer(429, '<html>')).toEqual({ kind: 'out_of_tokens', body: {} })
})

test('takes 200 with an error for what the error says', () => {
  expect(readAnswer(200, readFixture('error-within-200.json'))).toMatchObject({
    kind: 'refusal',
    code: 'keepa_rejected',
    what: 'HTTP 200: invalidParameter, The parameter asin is malformed.',
  })
  expect(readAnswer(200, readFixture('tokens-within-200.json')).kind).toBe('out_of_tokens')
})

test('takes 200 with an error of null for an answer', () => {
  expect(readAnswer(200, '{"products":[],"error":null}').kind).toBe('answer')
})

test('quotes no more than the beginning of an endless message', () => {
  const reading = readAnswer(400, JSON.stringify({ error: { type: 'x', message: 'y'.repeat(100_000) } }))
  expect(reading.kind === 'refusal' && reading.what.length).toBeLessThan(400)
})
