import type { Facts, KafkaFacts } from './facts.ts'

/** The run's terminal: lines that stay, and below them, on a terminal, a summary that is kept up to date. */
export interface Screen {
  /** Writes a line that stays, with the seconds since the start. */
  line(text: string): void
  /** Shows the newest facts, and the alarms that are in ALARM by name. Without a terminal: a line with what has changed. */
  show(facts: Facts | KafkaFacts, inAlarm?: readonly string[]): void
  /** Leaves the summary where it stands: what is written from now on comes below it. */
  close(): void
}

/** The part of `process.stdout` that a screen needs. */
export interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const CLEAR_TO_END = '\u001b[J'
/** A summary's line that is too long for the terminal is cut off: were it wrapped, it would take more than one row. */
const WRAP_OFF = '\u001b[?7l'
const WRAP_ON = '\u001b[?7h'
const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A\r` : '')

export function createScreen(output: Output, now: () => number = Date.now): Screen {
  const startedAt = now()
  let summary: readonly string[] = []
  let shownRows = 0
  let shown: ReadonlySet<string> = new Set()
  let closed = false
  const stamp = () => `${((now() - startedAt) / 1000).toFixed(1).padStart(6)} s  `
  const repaint = (above: string) => {
    const below = summary.map((line) => `${line}\n`).join('')
    output.write(`${up(shownRows)}${CLEAR_TO_END}${above}${below && `${WRAP_OFF}${below}${WRAP_ON}`}`)
    shownRows = summary.length
  }
  return {
    line: (text) => {
      if (output.isTTY) repaint(`${stamp()}${text}\n`)
      else output.write(`${stamp()}${text}\n`)
    },
    show: (facts, inAlarm = []) => {
      if (closed) return
      if (output.isTTY) {
        summary = [...table(facts), ...alarmRows(inAlarm)]
        repaint('')
        return
      }
      const parts = [...partsOf(facts), ...inAlarm.map((name) => `ALARM ${name}`)]
      const changed = parts.filter((part) => !shown.has(part))
      if (changed.length > 0) output.write(`${stamp()}${changed.join(' | ')}\n`)
      shown = new Set(parts)
    },
    close: () => {
      closed = true
      summary = []
      shownRows = 0
    },
  }
}

const count = (value: number): string => value.toLocaleString('en')

function partsOf(facts: Facts | KafkaFacts): readonly string[] {
  // A topic may have several groups: each has a lag of its own.
  const topics = [...Map.groupBy(facts.flows, ({ topic }) => topic)].map(([topic, flows]) => {
    const lags = flows.map(({ lag }) => count(lag)).join(' and ')
    return `${topic} ${count(flows[0]?.events ?? 0)} sent, lag ${lags}`
  })
  if (!('historyRows' in facts)) return topics
  const { historyRows, alerts, rejected } = facts
  return [...topics, `${count(historyRows)} rows`, `${count(alerts)} alerts`, `${count(rejected)} rejected`]
}

const cell = (value: number) => count(value).padStart(9)

function table(facts: Facts | KafkaFacts): readonly string[] {
  return [
    '',
    `  ${'topic'.padEnd(16)}${'sent'.padStart(9)}${'lag'.padStart(9)}   consumer group`,
    ...facts.flows.map(
      ({ topic, events, lag, group }) => `  ${topic.padEnd(16)}${cell(events)}${cell(lag)}   ${group}`,
    ),
    '',
    ...('historyRows' in facts ? [...tables(facts), ''] : []),
  ]
}

function tables({ historyRows, products, watches, alerts, rejected, newestAlert }: Facts): readonly string[] {
  return [
    `  ${'history rows'.padEnd(16)}${cell(historyRows)}    products ${count(products)}, watches ${count(watches)}`,
    `  ${'alerts'.padEnd(16)}${cell(alerts)}${newestAlert ? `    newest: ${printable(newestAlert)}` : ''}`,
    `  ${'rejected'.padEnd(16)}${cell(rejected)}`,
  ]
}

const alarmRows = (inAlarm: readonly string[]): readonly string[] =>
  inAlarm.length > 0 ? [`  ${'in ALARM'.padEnd(16)}${cell(inAlarm.length)}    ${inAlarm.join(', ')}`, ''] : []

/** Titles are data of strangers: what would steer the terminal is left out. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '')
