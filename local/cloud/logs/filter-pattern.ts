import { ApiError } from '../protocols/api.ts'

/** Whether a log event's text matches. */
export type LogFilter = (text: string) => boolean

type Json = Readonly<Record<string, unknown>>
type Condition = (event: unknown) => boolean

/**
 * Reads a filter pattern: terms (`ERROR`, `"two words"`, `?any ?of`, `-without`), a regular expression between `%`, or
 * conditions on JSON (`{ $.level = "ERROR" && $.durationMs > 5 }`). An empty one matches everything.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws ApiError `InvalidParameterException` for what is not known here
 */
export function logFilter(pattern: string): LogFilter {
  const text = pattern.trim()
  if (text.startsWith('{') && text.endsWith('}')) return jsonFilter(text.slice(1, -1), pattern)
  const regex = /^%(.+)%$/.exec(text)?.[1]
  if (regex !== undefined) {
    const expression = regularExpression(regex, pattern)
    return (line) => expression.test(line)
  }
  return termFilter(text, pattern)
}

function termFilter(text: string, pattern: string): LogFilter {
  const terms = text.match(/[?-]?(?:"(?:[^"\\]|\\.)*"|[^\s"]+)/g) ?? []
  if (terms.join('').length !== text.replace(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/g, '').length) {
    throw invalid(pattern, 'a quotation mark is missing')
  }
  const withMark = (mark: string) =>
    terms.filter((term) => term.length > 1 && term.startsWith(mark)).map((term) => unquoted(term.slice(1)))
  const [any, without] = [withMark('?'), withMark('-')]
  const all = terms.filter((term) => term.length === 1 || !/^[?-]/.test(term)).map(unquoted)
  return (line) =>
    all.every((term) => line.includes(term)) &&
    !without.some((term) => line.includes(term)) &&
    // Next to terms that all have to match, those of which one would be enough say nothing.
    (any.length === 0 || all.length > 0 || any.some((term) => line.includes(term)))
}

const unquoted = (term: string): string =>
  term.startsWith('"') ? term.slice(1, -1).replace(/\\(.)/g, '$1') : term

const TOKEN =
  /\s*(&&|\|\||[()]|!=|>=|<=|[=<>]|\$(?:\.[\w-]+|\[\d+\]|\["[^"]+"\])+|"(?:[^"\\]|\\.)*"|%[^%]+%|[^\s()=!<>&|]+)\s*/y

function jsonFilter(text: string, pattern: string): LogFilter {
  const tokens = tokensOf(text, pattern)
  let at = 0
  const take = (): string => {
    at += 1
    return tokens[at - 1] ?? ''
  }
  const or = (): Condition => {
    const conditions = [and()]
    while (tokens[at] === '||') {
      take()
      conditions.push(and())
    }
    return (event) => conditions.some((holds) => holds(event))
  }
  const and = (): Condition => {
    const conditions = [one()]
    while (tokens[at] === '&&') {
      take()
      conditions.push(one())
    }
    return (event) => conditions.every((holds) => holds(event))
  }
  const one = (): Condition => {
    const first = take()
    if (first === '(') {
      const inner = or()
      if (take() !== ')') throw invalid(pattern, ') is missing')
      return inner
    }
    if (!first.startsWith('$')) throw invalid(pattern, `${first || 'the end'} is not a field such as $.level`)
    const field = fieldOf(first)
    const operator = take()
    const compared = operator === 'NOT' || operator === 'IS' ? '' : take()
    if (operator === 'IS') return isCondition(field, take(), pattern)
    if (operator === 'NOT' && take() === 'EXISTS') return (event) => field(event) === undefined
    return comparison(field, operator, compared, pattern)
  }
  const condition = or()
  if (at < tokens.length) throw invalid(pattern, `${tokens[at]} is not expected`)
  return (line) => {
    const event = jsonOf(line)
    return event !== undefined && condition(event)
  }
}

function tokensOf(text: string, pattern: string): readonly string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (let from = 0; from < text.length; from = TOKEN.lastIndex) {
    const token = TOKEN.exec(text)?.[1]
    if (token === undefined) throw invalid(pattern, `${text.slice(from)} cannot be read`)
    tokens.push(token)
  }
  return tokens
}

function fieldOf(path: string): (event: unknown) => unknown {
  const names = [...path.matchAll(/\.([\w-]+)|\[(\d+)\]|\["([^"]+)"\]/g)].map(
    (found) => found[1] ?? found[2] ?? found[3] ?? '',
  )
  return (event) =>
    names.reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Json)[name]
          : undefined,
      event,
    )
}

function isCondition(field: (event: unknown) => unknown, word: string, pattern: string): Condition {
  if (word === 'TRUE') return (event) => field(event) === true
  if (word === 'FALSE') return (event) => field(event) === false
  if (word === 'NULL') return (event) => field(event) === null
  throw invalid(pattern, `IS ${word} is not one of IS TRUE, IS FALSE and IS NULL`)
}

const NUMBERS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
}

function comparison(
  field: (event: unknown) => unknown,
  operator: string,
  compared: string,
  pattern: string,
): Condition {
  const numbers = Object.hasOwn(NUMBERS, operator) ? NUMBERS[operator] : undefined
  if (!numbers || compared === '') throw invalid(pattern, `${operator || 'the end'} is not a comparison`)
  if (/^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(compared)) {
    return (event) => typeof field(event) === 'number' && numbers(Number(field(event)), Number(compared))
  }
  if (operator !== '=' && operator !== '!=') throw invalid(pattern, `${operator} compares with a number`)
  const expression = /^%.+%$/.test(compared)
    ? regularExpression(compared.slice(1, -1), pattern)
    : wildcards(unquoted(compared))
  return (event) => {
    const value = field(event)
    return typeof value === 'string' && expression.test(value) === (operator === '=')
  }
}

const wildcards = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  )

function regularExpression(text: string, pattern: string): RegExp {
  try {
    return new RegExp(text)
  } catch {
    throw invalid(pattern, `${text} is not a regular expression`)
  }
}

function jsonOf(line: string): unknown {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const invalid = (pattern: string, what: string): ApiError =>
  new ApiError('InvalidParameterException', `Invalid filter pattern ${pattern}: ${what}.`)
