import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parseDealUpdate } from '../../../lambdas/core/events/deal-update.ts'
import { REJECTION_REASONS } from '../../../lambdas/core/events/fields.ts'
import { parsePriceUpdate } from '../../../lambdas/core/events/price-update.ts'

/** docs/events.md, held against the sample messages and the code that reads them. */
const page = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8')

const section = (heading: string): string =>
  page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''

/** The rows of a section's table: field, example, whether it is required. */
const rows = (heading: string) =>
  [...section(heading).matchAll(/^\| `(\w+)` \| `(.+)` \| (yes|no) \| .+ \|$/gm)].map(
    ([, field = '', example = '', required]) => ({ field, example, required: required === 'yes' }),
  )

const sample = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../events/${file}`, import.meta.url), 'utf8'))

describe.each([
  ['price_update', sample('price-update.json'), parsePriceUpdate],
  ['deal_update', sample('deal-update.json'), parseDealUpdate],
] as const)('docs/events.md on %s', (type, message, parse) => {
  const accepts = (changed: Record<string, unknown>) => 'event' in parse(JSON.stringify(changed))

  test('has the fields of the sample message, in its order, with its values as examples', () => {
    expect(rows(type).map(({ field, example }) => [field, JSON.parse(example)])).toEqual(
      Object.entries(message),
    )
  })

  test('says which fields are required', () => {
    const required = Object.keys(message).filter((field) => {
      const { [field]: _, ...others } = message
      return !accepts(others)
    })
    expect(
      rows(type)
        .filter((row) => row.required)
        .map(({ field }) => field),
    ).toEqual(required)
  })

  test('is right that readers ignore fields that they do not know', () => {
    expect(accepts({ ...message, added_later: { by: ['a producer'] } })).toBe(true)
  })

  test.each([null, 0, -1, -2])('is right that a current_price of %p means no price', (current_price) => {
    expect(parse(JSON.stringify({ ...message, current_price }))).toMatchObject({
      event: { currentPrice: null },
    })
  })

  test('is right that values are not coerced', () => {
    expect(accepts({ ...message, current_price: '49.99' })).toBe(false)
  })
})

test('docs/events.md names every reason for a rejection, and no other', () => {
  const [, table = ''] = section('Rejection').split('| reason |')
  const named = [...table.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, reason]) => reason),
  )
  expect(named.toSorted()).toEqual([...REJECTION_REASONS].toSorted())
})
