import { type Fields, RejectedEvent, type Rejection } from './fields.ts'

/** An event, or the reason why the value is not one. */
export type Parsed<Event> = { readonly event: Event } | { readonly rejection: Rejection }

/**
 * Parses a record's value as JSON and passes its fields to `read`.
 * Errors other than a rejection are our own bugs and are rethrown.
 */
export function parseEvent<Event>(text: string, read: (fields: Fields) => Event): Parsed<Event> {
  try {
    return { event: read(parseObject(text)) }
  } catch (error) {
    if (error instanceof RejectedEvent) return { rejection: error.rejection }
    throw error
  }
}

function parseObject(text: string): Fields {
  const json = parseJson(text)
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Fields
  throw new RejectedEvent(
    'not_an_object',
    `the value is ${json === null ? 'null' : Array.isArray(json) ? 'an array' : `a ${typeof json}`}; it must be a JSON object`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const nonFinite = nonFiniteToken(text)
    if (nonFinite) {
      throw new RejectedEvent('non_finite', `the value contains ${nonFinite}, which is not a JSON number`)
    }
    throw new RejectedEvent(
      'invalid_json',
      (error as SyntaxError).message.replaceAll('\u0000', '').slice(0, 200),
    )
  }
}

/** The first NaN or Infinity outside of a string; Python's json module writes them as bare tokens. */
function nonFiniteToken(text: string): string | undefined {
  const outsideTexts = text.slice(0, 100_000).replace(/"(?:[^"\\]|\\.)*"/g, '""')
  return /[:[,\s]\s*(-?Infinity|NaN)\b/.exec(outsideTexts)?.[1]
}
