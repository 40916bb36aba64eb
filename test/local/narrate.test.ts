import { describe, expect, test } from '@jest/globals'
import { introduceAlarms, narrate } from '../../local/narrate.ts'

function narrator() {
  const lines: string[] = []
  const screen = { line: (text: string) => lines.push(text) }
  return { events: narrate(screen), screen, lines }
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

test('what AWS excludes and what nobody reads is told with its sources and reasons', () => {
  const { events, lines } = narrator()
  events.undocumented?.('app/Orders filters by topic: it is evaluated')
  events.unassigned?.('a -> b', 'nobody reads partition 1')
  expect(lines).toEqual([
    expect.stringMatching(
      /^app\/Orders filters by topic: it is evaluated\n +https:\/\/docs\.aws\.\S+\n +https:\/\/github\.com\/aws-samples\/\S+$/,
    ),
    'ALARM a -> b: nobody reads partition 1',
  ])
})

test('the first mail of a run is told, with how to look at it', () => {
  const { events, lines } = narrator()
  for (const subject of ['€84.99: AKG K371', '€79.00: AKG K371']) {
    events.mailed?.({ to: ['ada@example.com'], subject })
  }
  expect(lines).toEqual([
    'the first mail, to ada@example.com: €84.99: AKG K371 (npm run keeper -- mail open)',
  ])
})

test('mappings are told with what they do next', () => {
  const { events, lines } = narrator()
  events.retrying('a -> b', 'Error: no', 2_000)
  events.waiting('a -> b', 'no broker')
  events.reading('a -> b')
  events.unreadable?.('a -> b', 'partition 1 is stopped at offset 4, which cannot be read: codec 6')
  events.restarted?.('a -> b', 'the topic was deleted and recreated')
  expect(lines).toEqual([
    'a -> b retries a batch in 2 s: Error: no',
    'a -> b is waiting for Kafka: no broker',
    'a -> b reads from Kafka again',
    'ALARM a -> b: partition 1 is stopped at offset 4, which cannot be read: codec 6',
    'a -> b: the topic was deleted and recreated',
  ])
})

describe('alarms', () => {
  const alarm = { name: 'errors', description: 'It failed.', reason: 'Threshold Crossed', sinceMs: 0 }

  test('are told when they ring and when they are over, and not how they begin', () => {
    const { events, lines } = narrator()
    events.alarm?.({ ...alarm, before: 'INSUFFICIENT_DATA', state: 'OK' })
    events.alarm?.({ ...alarm, before: 'OK', state: 'ALARM' })
    events.alarm?.({ ...alarm, before: 'ALARM', state: 'OK' })
    events.alarm?.({ ...alarm, description: '', before: 'OK', state: 'ALARM' })
    events.alarmsFailed?.('no space left')
    expect(lines).toEqual([
      'ALARM errors: It failed.',
      'OK errors (was ALARM)',
      'ALARM errors: Threshold Crossed',
      'alarms cannot be evaluated: no space left',
    ])
  })

  test('are introduced once, in a short line: how many are evaluated, and how many are not', () => {
    const { screen, lines } = narrator()
    const cpu = { name: 'database-cpu', reason: 'nothing here publishes AWS/RDS CPUUtilization' }
    const broken = { name: 'shop', body: '{}', problem: 'DashboardBody cannot be read' }
    introduceAlarms(
      { alarms: [{ ...alarm, state: 'OK' }], notEvaluated: [cpu], dashboards: [broken] },
      screen,
    )
    introduceAlarms({ alarms: [], notEvaluated: [], dashboards: [] }, screen)
    expect(lines).toEqual([
      'alarms evaluated each minute: 1, not evaluated: 1 (docs/local-aws.md)',
      'dashboard shop: DashboardBody cannot be read',
    ])
  })
})
