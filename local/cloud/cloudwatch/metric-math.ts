import { CloudError } from '../cloud-error.ts'
import {
  binary,
  call,
  constant,
  each,
  isSeries,
  isSeveral,
  type Operand,
  type Values,
} from './math-functions.ts'

export type { Values } from './math-functions.ts'

/** What an expression is computed from. */
export interface MathInput {
  /** A metric, or the result of another expression, by its id. */
  readonly series: (id: string) => Values | undefined
  /** The ids of all metrics, without expressions. */
  readonly metrics: readonly string[]
  /** All periods of the range, oldest first. */
  readonly periods: readonly number[]
  readonly periodSeconds: number
}

type Operator = (a: number, b: number) => number

const OPERATORS: readonly Readonly<Record<string, Operator>>[] = [
  { OR: (a, b) => Number(a !== 0 || b !== 0), '||': (a, b) => Number(a !== 0 || b !== 0) },
  { AND: (a, b) => Number(a !== 0 && b !== 0), '&&': (a, b) => Number(a !== 0 && b !== 0) },
  {
    '==': (a, b) => Number(a === b),
    '!=': (a, b) => Number(a !== b),
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b },
  { '^': (a, b) => a ** b },
]

const TOKEN =
  /\s*(\d*\.?\d+(?:[eE][-+]?\d+)?|[A-Za-z_]\w*|"[^"]*"|'[^']*'|==|!=|<=|>=|&&|\|\||[-+*/^<>()[\],])\s*/y

/**
 * Computes an expression of metric math: one series, or several.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax
 * @throws CloudError `metric_math` naming what is not known here
 */
export function metricMath(expression: string, input: MathInput): readonly Values[] {
  const result = new Parser(expression, input).parse()
  if (isSeveral(result)) return result
  if (isSeries(result)) return [result]
  if (typeof result === 'number') return [constant(result, input.periods)]
  throw new CloudError('metric_math', `${expression}: it gives no values`)
}

/** Reads an expression from left to right, and computes it on the way. */
class Parser {
  readonly #expression: string
  readonly #input: MathInput
  readonly #tokens: readonly string[]
  #at = 0

  constructor(expression: string, input: MathInput) {
    this.#expression = expression
    this.#input = input
    this.#tokens = this.#split()
  }

  parse(): Operand {
    const result = this.#operation(0)
    if (this.#at < this.#tokens.length) throw this.#fault(`${this.#tokens[this.#at]} is not expected`)
    return result
  }

  #operation(level: number): Operand {
    const operators = OPERATORS[level]
    if (!operators) return this.#unary()
    let left = this.#operation(level + 1)
    for (;;) {
      const token = this.#tokens[this.#at] ?? ''
      const apply = Object.hasOwn(operators, token) ? operators[token] : undefined
      if (!apply) return left
      this.#at += 1
      left = binary(left, this.#operation(level + 1), apply)
    }
  }

  #unary(): Operand {
    const token = this.#tokens[this.#at]
    this.#at += 1
    if (token === undefined) throw this.#fault('it ends too early')
    if (token === '-') return each(this.#unary(), (value) => -value)
    if (token === '(') {
      const inner = this.#operation(0)
      this.#take(')')
      return inner
    }
    if (token === '[') return this.#arguments(']').flatMap((value) => this.#seriesOf(value))
    if (/^[.\d]/.test(token)) return Number(token)
    if (/^["']/.test(token)) return token.slice(1, -1)
    if (this.#tokens[this.#at] === '(') {
      this.#at += 1
      return this.#call(token)
    }
    if (token === 'REPEAT' || token === 'LINEAR') return token
    const series = this.#input.series(token)
    if (series) return series
    throw this.#fault(`there is no metric ${token}`)
  }

  #call(name: string): Operand {
    const given = this.#arguments(')')
    const { metrics, periods, periodSeconds, series } = this.#input
    if (name === 'PERIOD') return periodSeconds
    if (name === 'METRICS') {
      const part = String(given[0] ?? '')
      return metrics.filter((id) => id.includes(part)).flatMap((id) => series(id) ?? [])
    }
    const result = call(name, given, periods)
    if (result !== undefined) return result
    throw this.#fault(`${name} with these arguments is not known here`)
  }

  #arguments(end: string): Operand[] {
    const values: Operand[] = []
    while (this.#tokens[this.#at] !== end) {
      values.push(this.#operation(0))
      if (this.#tokens[this.#at] !== end) this.#take(',')
    }
    this.#at += 1
    return values
  }

  #seriesOf(value: Operand): readonly Values[] {
    if (isSeveral(value)) return value
    if (isSeries(value)) return [value]
    throw this.#fault('an array takes metrics')
  }

  #take(expected: string): void {
    const token = this.#tokens[this.#at]
    if (token !== expected) throw this.#fault(`${expected} is expected before ${token ?? 'the end'}`)
    this.#at += 1
  }

  #split(): readonly string[] {
    const tokens: string[] = []
    TOKEN.lastIndex = 0
    for (let from = 0; from < this.#expression.length; from = TOKEN.lastIndex) {
      const [, token] = TOKEN.exec(this.#expression) ?? []
      if (token === undefined) throw this.#fault(`${this.#expression.slice(from)} is not known here`)
      tokens.push(token)
    }
    return tokens
  }

  #fault(what: string): CloudError {
    return new CloudError('metric_math', `${this.#expression}: ${what}`)
  }
}
