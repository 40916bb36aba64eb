/** A price from its time on, until the next one; null: there was none. */
export interface Step {
  readonly atMs: number
  readonly value: number | null
}

export interface ChartOptions {
  readonly fromMs: number
  readonly untilMs: number
  /** Columns of the terminal: no line is wider. */
  readonly width: number
  /** Lines of the plot, without the axis. */
  readonly height?: number
}

/** A braille character has 2 by 4 dots; these are their bits. https://www.unicode.org/charts/PDF/U2800.pdf */
const BITS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const
const BLANK = 0x2800
const ACROSS = 2
const DOWN = 4

const LEAST_COLUMNS = 10
const DAY_MS = 86_400_000

/**
 * Steps as a chart of braille characters: a value holds until the next one, and nothing is drawn before the first, or where
 * there was no value.
 * @param steps in the order of their times
 */
export function stepChart(
  steps: readonly Step[],
  { fromMs, untilMs, width, height = 10 }: ChartOptions,
): string {
  const shown = steps.filter((step, index) => {
    const end = steps[index + 1]?.atMs ?? Number.POSITIVE_INFINITY
    return step.atMs <= untilMs && end > fromMs
  })
  const values = shown.flatMap(({ value }) => (value === null ? [] : [value]))
  const lowest = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const highest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  if (values.length === 0) return ''
  const labels = Array.from({ length: height }, (_, line) => labelOf(line, height, lowest, highest))
  const margin = Math.max(...labels.map((label) => label.length))
  const columns = Math.max(LEAST_COLUMNS, width - margin - 2)

  const cells = Array.from({ length: height }, () => new Uint8Array(columns))
  const lastDot = height * DOWN - 1
  const scale = highest > lowest ? lastDot / (highest - lowest) : 0
  // One value alone runs through the middle.
  const dotOf = (value: number) =>
    scale === 0 ? Math.floor(lastDot / 2) : lastDot - Math.round((value - lowest) * scale)
  const dots = columns * ACROSS
  const timeOf = (dot: number) => fromMs + ((untilMs - fromMs) * dot) / dots
  let next = 0
  let current: number | undefined
  for (let x = 0; x < dots; x++) {
    // All that was in force within the dot's time, so that no spike is lost, joined to the value before.
    const within = current === undefined ? [] : [current]
    for (let step = shown[next]; step && step.atMs < timeOf(x + 1); step = shown[++next]) {
      if (step.atMs < timeOf(x)) within.length = 0
      current = step.value === null ? undefined : dotOf(step.value)
      if (current !== undefined) within.push(current)
    }
    if (within.length === 0) continue
    const bottom = Math.max(...within)
    for (let y = Math.min(...within); y <= bottom; y++) {
      const line = cells[Math.floor(y / DOWN)]
      const bit = BITS[x % ACROSS === 0 ? 0 : 1][y % DOWN] ?? 0
      if (line) line[Math.floor(x / ACROSS)] = (line[Math.floor(x / ACROSS)] ?? 0) | bit
    }
  }
  const plot = cells.map((line, index) => {
    const drawn = String.fromCodePoint(...Array.from(line, (bits) => BLANK + bits))
    return `${(labels[index] ?? '').padStart(margin)} ${index === 0 || labels[index] ? '┤' : '│'}${drawn}`
  })
  const axis = `${' '.repeat(margin)} └${'─'.repeat(columns)}`
  const times = `${' '.repeat(margin + 2)}${timeLabels(fromMs, untilMs, columns)}`
  return [...plot, axis, times.trimEnd()].join('\n')
}

/** The value of the first, the middle and the last line. */
function labelOf(line: number, height: number, lowest: number, highest: number): string {
  const middle = Math.floor((height - 1) / 2)
  if (highest === lowest) return line === middle ? lowest.toFixed(2) : ''
  if (line === 0) return highest.toFixed(2)
  if (line === height - 1) return lowest.toFixed(2)
  return line === middle ? (highest - ((highest - lowest) * (line + 0.5)) / height).toFixed(2) : ''
}

/** As many times as fit, from the first to the last: days, or hours where it is a day or two. */
function timeLabels(fromMs: number, untilMs: number, columns: number): string {
  const isShort = untilMs - fromMs <= 2 * DAY_MS
  const textAt = (ms: number) => {
    const text = new Date(ms).toISOString()
    return isShort ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : text.slice(0, 10)
  }
  const size = textAt(fromMs).length
  const count = Math.max(1, Math.min(5, Math.floor(columns / (size + 4))))
  let line = ''
  for (let index = 0; index < count; index++) {
    const share = count === 1 ? 0 : index / (count - 1)
    const start = Math.round(share * (columns - size))
    line = line.padEnd(start) + textAt(fromMs + (untilMs - fromMs) * share)
  }
  return line.slice(0, columns)
}
