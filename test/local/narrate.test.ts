import { describe, expect, test } from '@jest/globals'
import { narrate } from '../../local/narrate.ts'

function narrator() {
  const lines: string[] = []
  return { events: narrate({ line: (text) => lines.push(text) }), lines }
}

describe('a schedule’s runs', () => {
  test('are told once while they end the same way, each function for itself', () => {
    const { events, lines } = narrator()
    for (let round = 0; round < 3; round += 1) {
      events.scheduled('price-check', undefined)
      events.scheduled('deal-collector', undefined)
    }
    const timedOut = (id: string) => `RequestId: ${id} Error: Task timed out after 3.00 seconds`
    events.scheduled('price-check', timedOut('1'))
    events.scheduled('price-check', timedOut('2'))
    events.scheduled('price-check', 'no tokens')
    events.scheduled('price-check', undefined)
    expect(lines).toEqual([
      'price-check has run',
      'deal-collector has run',
      'price-check failed: Task timed out after 3.00 seconds',
      'price-check failed: no tokens',
      'price-check has run',
    ])
  })
})

test('mappings are told with what they do next', () => {
  const { events, lines } = narrator()
  events.retrying('a -> b', 'Error: no', 2_000)
  events.waiting('a -> b', 'no broker')
  events.reading('a -> b')
  expect(lines).toEqual([
    'a -> b delivers a batch again in 2 s: Error: no',
    'a -> b waits for Kafka: no broker',
    'a -> b reads again',
  ])
})
