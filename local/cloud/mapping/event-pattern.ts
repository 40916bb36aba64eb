import { own } from '../own.ts'

/**
 * The rules of an event pattern, for values of JSON.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html (filter rule syntax) and
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */

/** Answers for one field: the value where it is there, undefined where it is not. */
type Rule = (value: unknown) => boolean

/** Answers for a whole value. */
export type Pattern = (value: unknown) => boolean

/** @throws Error with a sentence that says which rule is none */
export function compilePattern(pattern: unknown): Pattern {
  if (Array.isArray(pattern)) return anyRule(pattern)
  if (!isObject(pattern)) throw new Error(`${JSON.stringify(pattern)} is neither fields nor a list of rules`)
  const fields = Object.entries(pattern).map(([name, inner]) => {
    if (name === '$or') return anyOf(inner)
    const matches = compilePattern(inner)
    return (value: unknown) => matches(isObject(value) ? own(value, name) : undefined)
  })
  const all = (value: unknown): boolean => fields.every((matches) => matches(value))
  return (value) => (Array.isArray(value) ? value.some(all) : all(value))
}

function anyOf(alternatives: unknown): Pattern {
  if (!Array.isArray(alternatives) || alternatives.length === 0)
    throw new Error('$or takes a list of patterns')
  const patterns = alternatives.map(compilePattern)
  return (value) => patterns.some((matches) => matches(value))
}

/** One rule is enough; of an array, one element. */
function anyRule(given: readonly unknown[]): Pattern {
  if (given.length === 0) throw new Error('a list of rules is empty')
  const rules = given.map(compileRule)
  return (value) => {
    const values = Array.isArray(value) ? value : [value]
    return rules.some((matches) => values.some(matches))
  }
}

function compileRule(rule: unknown): Rule {
  if (!isObject(rule)) return (value) => value === rule
  const [[name, operand] = ['', undefined], ...others] = Object.entries(rule)
  const compile = own(OPERATORS, name)
  if (!compile || others.length > 0) throw new Error(`${JSON.stringify(rule)} is no rule`)
  return compile(operand)
}

const OPERATORS: Readonly<Record<string, (operand: unknown) => Rule>> = {
  prefix: (operand) => onText(operand, 'prefix', (text, prefix) => text.startsWith(prefix)),
  suffix: (operand) => onText(operand, 'suffix', (text, suffix) => text.endsWith(suffix)),
  'equals-ignore-case': (operand) =>
    onText(operand, 'equals-ignore-case', (text, other) => text.toLowerCase() === other.toLowerCase()),
  exists: (operand) => {
    if (typeof operand !== 'boolean') throw new Error('exists takes true or false')
    return (value) => (value !== undefined) === operand
  },
  numeric: compileNumeric,
  'anything-but': compileAnythingBut,
}

function onText(operand: unknown, name: string, test: (text: string, operand: string) => boolean): Rule {
  if (typeof operand !== 'string') throw new Error(`${name} takes a text`)
  return (value) => typeof value === 'string' && test(value, operand)
}

/** What is not there, or is null, is not something else. */
function compileAnythingBut(operand: unknown): Rule {
  const rules = Array.isArray(operand) ? operand.map(compileRule) : [compileRule(operand)]
  if (rules.length === 0) throw new Error('anything-but takes a value, a list or a rule')
  return (value) => value !== undefined && !rules.some((matches) => matches(value))
}

const COMPARISONS: Readonly<Record<string, (value: number, than: number) => boolean>> = {
  '=': (value, than) => value === than,
  '<': (value, than) => value < than,
  '<=': (value, than) => value <= than,
  '>': (value, than) => value > than,
  '>=': (value, than) => value >= than,
}

function compileNumeric(operand: unknown): Rule {
  const list = Array.isArray(operand) ? operand : []
  if (list.length !== 2 && list.length !== 4) throw new Error('numeric takes one comparison or two')
  const tests = [list.slice(0, 2), list.slice(2)].filter(({ length }) => length > 0)
  const comparisons = tests.map(([sign, than]) => {
    const compare = own(COMPARISONS, String(sign))
    if (!compare || typeof than !== 'number') throw new Error(`${sign} ${than} is no comparison of numbers`)
    return (value: number) => compare(value, than)
  })
  return (value) => typeof value === 'number' && comparisons.every((matches) => matches(value))
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
