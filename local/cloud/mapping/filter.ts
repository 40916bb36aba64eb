import { messageOf } from '../cloud-error.ts'
import { compilePattern } from './event-pattern.ts'

/** Whether a record with this value is for the function. */
export type Filter = (value: Buffer | null) => boolean

/**
 * Reads FilterCriteria: a record is kept where one of the patterns matches. Fields as a pattern are for values that are
 * objects of JSON, a list of rules is for plain texts; a value of the other format is dropped. A pattern that says
 * nothing of the value keeps all. https://docs.aws.amazon.com/lambda/latest/dg/kafka-filtering.html
 * @throws Error with a sentence that says what is wrong with which pattern
 */
export function compileFilter(patterns: readonly string[]): Filter {
  const filters = patterns.map((pattern) => {
    try {
      return compileOne(JSON.parse(pattern))
    } catch (error) {
      throw new Error(`the pattern ${pattern} cannot be read: ${messageOf(error)}`)
    }
  })
  return (value) => filters.length === 0 || filters.some((keeps) => keeps(value))
}

function compileOne(pattern: unknown): Filter {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) {
    throw new Error('it is no object')
  }
  const other = Object.keys(pattern).find((name) => name !== 'value')
  if (other !== undefined) throw new Error(`Kafka is filtered by value only, not by ${other}`)
  const { value: wanted } = pattern as { value?: unknown }
  if (wanted === undefined) return () => true
  const matches = compilePattern(wanted)
  const isForText = Array.isArray(wanted)
  return (value) => {
    if (value === null) return false
    const text = value.toString('utf8')
    const json = parsed(text)
    if (isForText) return json === undefined && matches(text)
    return json !== undefined && matches(json)
  }
}

/** An object or a list; a number or a quoted text alone is plain text to a filter. */
function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
