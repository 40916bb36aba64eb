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
