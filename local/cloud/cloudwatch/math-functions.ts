/** The operators and functions of metric math. */

/** A metric's values by the beginning of their period. */
export type Values = ReadonlyMap<number, number>

/** A scalar, a time series, several of them, or a word such as REPEAT. */
export type Operand = number | Values | readonly Values[] | string

export const isSeries = (operand: Operand | undefined): operand is Values => operand instanceof Map
export const isSeveral = (operand: Operand | undefined): operand is readonly Values[] =>
  Array.isArray(operand)

/**
 * Applies an operator in each period in which an operand has a value; one that has none there counts as 0. What is
 * divided by zero has no value.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax
 */
export function binary(left: Operand, right: Operand, apply: (a: number, b: number) => number): Operand {
  if (isSeveral(left)) return left.map((each) => binary(each, right, apply)).filter(isSeries)
  if (isSeveral(right)) return right.map((each) => binary(left, each, apply)).filter(isSeries)
  const series = [left, right].filter(isSeries)
  if (series.length === 0) return apply(Number(left), Number(right))
  return finite(periodsOf(series), (period) => apply(at(left, period) ?? 0, at(right, period) ?? 0))
}

/** Applies a function to each value. */
export function each(operand: Operand, apply: (value: number) => number): Operand {
  if (isSeveral(operand)) return operand.map((series) => each(series, apply)).filter(isSeries)
  if (!isSeries(operand)) return apply(Number(operand))
  return finite([...operand.keys()], (period) => apply(operand.get(period) ?? 0))
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
const average = (values: readonly number[]): number => sum(values) / values.length

/** What makes one value of many. Of several series a series, of one series a scalar. */
const FOLDS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: sum,
  MAX: (values) => Math.max(...values),
  MIN: (values) => Math.min(...values),
  AVG: average,
  STDDEV: (values) => Math.sqrt(average(values.map((value) => (value - average(values)) ** 2))),
}

/** Of each value by itself. */
const EACH: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
}

/** Of one series, or of each of several. */
const SERIES: Readonly<Record<string, (values: Values) => Values>> = {
  DIFF: (values) => steps(values, (value, before) => value - before),
  RATE: (values) => steps(values, (value, before, seconds) => (value - before) / seconds),
  RUNNING_SUM: (values) => {
    let total = 0
    return new Map(
      sorted(values).map(([period, value]) => {
        total += value
        return [period, total]
      }),
    )
  },
}

/** Calls a function that needs nothing but its arguments; undefined where there is no such function. */
export function call(
  name: string,
  [first, second, third]: readonly Operand[],
  periods: readonly number[],
): Operand | undefined {
  if (first === undefined) return undefined
  const fold = FOLDS[name]
  if (fold && isSeveral(first)) return foldSeveral(name, first, fold)
  if (fold && isSeries(first)) return first.size === 0 ? 0 : fold([...first.values()])
  const one = EACH[name]
  if (one) return each(first, one)
  const ofSeries = SERIES[name]
  if (ofSeries && isSeries(first)) return ofSeries(first)
  if (ofSeries && isSeveral(first)) return first.map(ofSeries)
  if (name === 'IF' && second !== undefined) return choose(first, second, third)
  if (name === 'FILL' && isSeries(first)) return fill(first, second ?? 0, periods)
  if (name === 'FILL' && isSeveral(first)) return first.map((values) => fill(values, second ?? 0, periods))
  if (name === 'TIME_SERIES' && typeof first === 'number') return constant(first, periods)
  if (name === 'DATAPOINT_COUNT' && isSeries(first)) return first.size
  if (isSeveral(first)) return ofSeveral(name, first)
  return undefined
}

function ofSeveral(name: string, series: readonly Values[]): Operand | undefined {
  if (name === 'METRIC_COUNT') return series.length
  if (name === 'REMOVE_EMPTY') return series.filter(({ size }) => size > 0)
  if (name === 'FIRST') return series[0] ?? new Map()
  return name === 'LAST' ? (series.at(-1) ?? new Map()) : undefined
}

/** A scalar as a series. */
export const constant = (value: number, periods: readonly number[]): Values =>
  new Map(periods.map((period) => [period, value]))

/** For an average, a value that is missing is 0. */
function foldSeveral(
  name: string,
  series: readonly Values[],
  fold: (values: readonly number[]) => number,
): Values {
  return finite(periodsOf(series), (period) =>
    fold(series.flatMap((values) => values.get(period) ?? (name === 'AVG' ? 0 : []))),
  )
}

/**
 * IF: for each value of the condition the one or the other. A period that the first alternative lacks is 0, one that
 * the second lacks is dropped.
 */
function choose(condition: Operand, yes: Operand, no: Operand | undefined): Operand {
  if (!isSeries(condition)) return Number(condition) === 0 ? (no ?? new Map()) : yes
  return new Map(
    [...condition].flatMap(([period, tested]) => {
      const value = tested === 0 ? no !== undefined && at(no, period) : (at(yes, period) ?? 0)
      return typeof value === 'number' ? [[period, value] as const] : []
    }),
  )
}

/** FILL with a number, a series, the value before (REPEAT) or what lies between (LINEAR). */
function fill(values: Values, by: Operand, periods: readonly number[]): Values {
  const filled = new Map<number, number>()
  for (const period of periods) {
    const value = values.get(period) ?? filler(values, by, period)
    if (value !== undefined) filled.set(period, value)
  }
  return filled
}

function filler(values: Values, by: Operand, period: number): number | undefined {
  if (by !== 'REPEAT' && by !== 'LINEAR') return at(by, period)
  const before = sorted(values)
    .filter(([other]) => other < period)
    .at(-1)
  const after = sorted(values).find(([other]) => other > period)
  if (by === 'REPEAT') return before?.[1]
  if (!before || !after) return undefined
  return before[1] + ((after[1] - before[1]) * (period - before[0])) / (after[0] - before[0])
}

/** From each value to the next, with the seconds between them. */
function steps(values: Values, apply: (value: number, before: number, seconds: number) => number): Values {
  const inOrder = sorted(values)
  return new Map(
    inOrder.slice(1).map(([period, value], index) => {
      const [before, previous] = inOrder[index] ?? [period, value]
      return [period, apply(value, previous, (period - before) / 1_000)]
    }),
  )
}

const at = (operand: Operand, period: number): number | undefined =>
  isSeries(operand) ? operand.get(period) : Number(operand)

const sorted = (values: Values): readonly (readonly [number, number])[] =>
  [...values].sort(([a], [b]) => a - b)

const periodsOf = (series: readonly Values[]): readonly number[] =>
  [...new Set(series.flatMap((values) => [...values.keys()]))].sort((a, b) => a - b)

const finite = (periods: readonly number[], value: (period: number) => number): Values =>
  new Map(
    periods.map((period) => [period, value(period)] as const).filter(([, result]) => Number.isFinite(result)),
  )
