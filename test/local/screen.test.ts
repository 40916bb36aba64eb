import { describe, expect, test } from '@jest/globals'
import type { Facts } from '../../local/facts.ts'
import { createScreen } from '../../local/screen.ts'

const facts: Facts = {
  flows: [{ topic: 'price-updates', group: 'keeper-consumer-group', events: 1234, lag: 5 }],
  historyRows: 1200,
  products: 25,
  watches: 24,
  alerts: 3,
  rejected: 1,
  newestAlert: undefined,
}

/** A terminal that understands the sequences that a screen uses: what stands on it, row by row. */
function terminal(isTTY: boolean) {
  let rows: string[] = []
  let row = 0
  const write = (text: string): void => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the terminal's own
    for (const part of text.split(/(\u001b\[[?\d]*[A-Za-z]|\n|\r)/)) {
      if (part.startsWith('\u001b') && part.endsWith('A')) row -= Number(part.slice(2, -1))
      else if (part === '\u001b[J') rows = rows.slice(0, row)
      else if (part === '\n') row += 1
      else if (part !== '' && part !== '\r' && !part.startsWith('\u001b[?7')) rows[row] = part
    }
  }
  return { output: { isTTY, write }, rows: () => rows.filter((text) => text !== undefined) }
}

/** A screen whose time stands still. */
function screenOf(isTTY: boolean) {
  const { output, rows } = terminal(isTTY)
  return { screen: createScreen(output, () => 0), rows }
}

describe('without a terminal', () => {
  test('facts are a line of their own, of what has changed', () => {
    const { screen, rows } = screenOf(false)
    screen.line('first')
    screen.show(facts)
    screen.show(facts)
    screen.show({ ...facts, alerts: 4 })
    const deals = { topic: 'deal-updates', group: 'deals', events: 2, lag: 2 }
    screen.show({ ...facts, alerts: 4, flows: [...facts.flows, deals] })
    expect(rows()).toEqual([
      '   0.0 s  first',
      '   0.0 s  price-updates 1,234 sent, lag 5 | 1,200 rows | 3 alerts | 1 rejected',
      '   0.0 s  4 alerts',
      '   0.0 s  deal-updates 2 sent, lag 2',
    ])
  })
})

describe('alarms that are in ALARM', () => {
  test('are named in a line of facts once, when they begin', () => {
    const { screen, rows } = screenOf(false)
    screen.show(facts)
    screen.show(facts, ['price-check-errors', 'deal-consumer-stalled'])
    screen.show({ ...facts, alerts: 4 }, ['price-check-errors', 'deal-consumer-stalled'])
    expect(rows().slice(1)).toEqual([
      '   0.0 s  ALARM price-check-errors | ALARM deal-consumer-stalled',
      '   0.0 s  4 alerts',
    ])
  })

  test('are named below the summary', () => {
    const { screen, rows } = screenOf(true)
    screen.show(facts, ['price-check-errors', 'deal-consumer-stalled'])
    expect(rows().at(-1)).toBe('  in ALARM                2    price-check-errors, deal-consumer-stalled')
    screen.show(facts)
    expect(rows().at(-1)).toBe('  rejected                1')
  })
})

describe('on a terminal', () => {
  test('the summary stays below the lines, and is replaced', () => {
    const { screen, rows } = screenOf(true)
    screen.line('first')
    screen.show(facts)
    screen.line('second')
    screen.show({ ...facts, historyRows: 1300, newestAlert: 'A bargain: 9.99 EUR, target 10.00' })
    expect(rows()).toEqual([
      '   0.0 s  first',
      '   0.0 s  second',
      '  topic                sent      lag   consumer group',
      '  price-updates       1,234        5   keeper-consumer-group',
      '  history rows        1,300    products 25, watches 24',
      '  alerts                  3    newest: A bargain: 9.99 EUR, target 10.00',
      '  rejected                1',
    ])
  })

  test('a title cannot steer the terminal', () => {
    const written: string[] = []
    const screen = createScreen({ isTTY: true, write: (text) => written.push(text) }, () => 0)
    screen.show({ ...facts, newestAlert: 'bad\u001b[2J\u0007\ntitle' })
    expect(written.join('')).toContain('newest: bad[2Jtitle\n')
  })

  test('once closed the summary stands where it is, lines follow it, and no other is shown', () => {
    const { screen, rows } = screenOf(true)
    screen.show(facts)
    screen.close()
    screen.line('stopping')
    screen.show({ ...facts, alerts: 9 })
    screen.line('stopped')
    expect(rows().slice(-3)).toEqual([
      '  rejected                1',
      '   0.0 s  stopping',
      '   0.0 s  stopped',
    ])
  })
})
