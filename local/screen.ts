import type { Facts } from './facts.ts'

/** The run's terminal: lines that stay, and below them, on a terminal, a summary that is kept up to date. */
export interface Screen {
  /** Writes a line that stays, with the seconds since the start. */
  line(text: string): void
  /** Shows the newest facts. Without a terminal: a line of its own, where they have changed. */
  show(facts: Facts): void
}

/** The part of `process.stdout` that a screen needs. */
export interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const CLEAR_TO_END = '\u001b[J'
const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A\r` : '')

export function createScreen(output: Output, now: () => number = Date.now): Screen {
  const startedAt = now()
  let summary: readonly string[] = []
  let shown = ''
  const stamp = () => `${((now() - startedAt) / 1000).toFixed(1).padStart(6)} s  `
  const repaint = (above: string) => {
    output.write(`${up(shownLines)}${CLEAR_TO_END}${above}${summary.map((line) => `${line}\n`).join('')}`)
    shownLines = summary.length
  }
  let shownLines = 0
  return {
    line: (text) => {
      if (output.isTTY) repaint(`${stamp()}${text}\n`)
      else output.write(`${stamp()}${text}\n`)
    },
    show: (facts) => {
      if (output.isTTY) {
        summary = table(facts)
        repaint('')
        return
      }
      const text = oneLine(facts)
      if (text !== shown) output.write(`${stamp()}${text}\n`)
      shown = text
    },
  }
}

const count = (value: number): string => value.toLocaleString('en')

function oneLine({ flows, historyRows, alerts, rejected }: Facts): string {
  const topics = flows.map(({ topic, events, lag }) => `${topic} ${count(events)} sent, lag ${count(lag)}`)
  return [
    ...topics,
    `${count(historyRows)} rows`,
    `${count(alerts)} alerts`,
    `${count(rejected)} rejected`,
  ].join(' | ')
}

function table({
  flows,
  historyRows,
  products,
  watches,
  alerts,
  rejected,
  newestAlert,
}: Facts): readonly string[] {
  const cell = (value: number) => count(value).padStart(9)
  return [
    '',
    `  ${'topic'.padEnd(16)}${'sent'.padStart(9)}${'lag'.padStart(9)}   consumer group`,
    ...flows.map(
      ({ topic, events, lag, group }) => `  ${topic.padEnd(16)}${cell(events)}${cell(lag)}   ${group}`,
    ),
    '',
    `  ${'history rows'.padEnd(16)}${cell(historyRows)}    products ${count(products)}, watches ${count(watches)}`,
    `  ${'alerts'.padEnd(16)}${cell(alerts)}${newestAlert ? `    newest: ${newestAlert.slice(0, 70)}` : ''}`,
    `  ${'rejected'.padEnd(16)}${cell(rejected)}`,
    '',
  ]
}
