import { messageOf } from '../cloud-error.ts'
import type { KafkaRecord } from '../kafka/record-batches.ts'
import { compilePattern, type Pattern } from './event-pattern.ts'

/** A record and where it was read. */
export interface FilteredRecord {
  readonly topic: string
  readonly partition: number
  readonly record: KafkaRecord
}

/** Whether a record is for the function. */
export type Filter = (filtered: FilteredRecord) => boolean

/** What AWS's pages filter by: of a record of Kafka the value, and nothing else. */
const VALUE = 'value'

/** Fields of a record beside its value. AWS's own sample has published results of patterns on a topic. */
const OTHERS = ['topic', 'partition', 'offset', 'timestamp', 'timestampType', 'key', 'headers']

/**
 * Reads FilterCriteria: a record is kept where one of the patterns matches. Fields as a pattern are for values that are
 * objects of JSON, a list of rules is for plain texts; a value of the other format is dropped. A pattern that says
 * nothing of the value keeps all. Undefined without patterns. https://docs.aws.amazon.com/lambda/latest/dg/kafka-filtering.html
 * @throws Error with a sentence that says what is wrong with which pattern
 */
export function compileFilter(patterns: readonly string[]): Filter | undefined {
  const filters = patterns.map((pattern) => {
    try {
      return compileOne(fieldsOf(pattern))
    } catch (error) {
      throw new Error(`the pattern ${pattern} cannot be read: ${messageOf(error)}`)
    }
  })
  if (filters.length === 0) return undefined
  return (filtered) => filters.some((keeps) => keeps(filtered))
}

/** The fields besides the value that patterns name; AWS's pages do not have them. Patterns have been compiled. */
export const undocumentedFields = (patterns: readonly string[]): readonly string[] => [
  ...new Set(patterns.flatMap((pattern) => Object.keys(fieldsOf(pattern)).filter((name) => name !== VALUE))),
]

function fieldsOf(pattern: string): Readonly<Record<string, unknown>> {
  const fields: unknown = JSON.parse(pattern)
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) {
    return fields as Readonly<Record<string, unknown>>
  }
  throw new Error('it is no object')
}

function compileOne(fields: Readonly<Record<string, unknown>>): Filter {
  const { [VALUE]: wanted, ...others } = fields
  const keepsValue = wanted === undefined ? () => true : valueFilter(wanted)
  const unknown = Object.keys(others).find((name) => !OTHERS.includes(name))
  if (unknown !== undefined) throw new Error(`a record of Kafka has no field ${unknown}`)
  if (Object.keys(others).length === 0) return ({ record }) => keepsValue(record.value)
  const keepsOthers = compilePattern(others)
  return (filtered) => keepsOthers(metadataOf(filtered)) && keepsValue(filtered.record.value)
}

function valueFilter(wanted: unknown): (value: Buffer | null) => boolean {
  const matches: Pattern = compilePattern(wanted)
  const isForText = Array.isArray(wanted)
  return (value) => {
    if (value === null) return false
    const text = value.toString('utf8')
    const json = parsed(text)
    if (isForText) return json === undefined && matches(text)
    return json !== undefined && matches(json)
  }
}

/** A record's other fields as they are in an event, with the key as text, as the value is. */
function metadataOf({ topic, partition, record }: FilteredRecord): Readonly<Record<string, unknown>> {
  const { offset, timestampMs, timestampType, key, headers } = record
  return {
    ...{ topic, partition, offset, timestampType },
    timestamp: timestampMs,
    ...(key && { key: key.toString('utf8') }),
    headers: headers.map(([name, value]) => Object.fromEntries([[name, value?.toString('utf8') ?? null]])),
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
