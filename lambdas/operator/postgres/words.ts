import { maxLength, pipe, string, transform } from 'valibot'

/** Words that somebody searches for, as patterns for `ilike all`: each has to stand somewhere. */
export const words = pipe(
  string('what is searched for is a string'),
  maxLength(200, 'a search has at most 200 characters'),
  transform((text) =>
    text
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`),
  ),
)

/**
 * A condition: a column holds every word of `$1`. Word by word, as an index of trigrams answers `ilike` and not
 * `ilike all`.
 */
export const holdsEvery = (column: string, patterns: readonly string[]): string =>
  patterns.map((_, index) => `${column} ilike ($1::text[])[${index + 1}]`).join(' and ')
