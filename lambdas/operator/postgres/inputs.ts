import { maxLength, nonEmpty, number, picklist, pipe, regex, string, transform, union } from 'valibot'
import { MAIL_ADDRESS } from '../../core/mail/address.ts'
import { MARKETPLACES } from '../../core/marketplaces.ts'

/** What several operations take. */

export const email = pipe(
  string('an e-mail address is a string'),
  transform((text) => text.trim()),
  maxLength(254, 'an e-mail address has at most 254 characters'),
  regex(MAIL_ADDRESS, 'write an e-mail address like ada@example.com'),
)

/** A user that is there: others insert users as well, with addresses of any form. */
export const user = pipe(
  string('a user is an e-mail address'),
  transform((text) => text.trim()),
  nonEmpty('name a user by e-mail address'),
  maxLength(254, 'an e-mail address has at most 254 characters'),
)

export const DOMAINS = MARKETPLACES.map(({ domain }) => domain)

export const domain = pipe(
  string('a marketplace is a string'),
  transform((text) => text.trim().toLowerCase()),
  picklist(DOMAINS, `a marketplace is one of ${DOMAINS.join(', ')}`),
)

/** An ASIN or an address; product-address.ts reads it. */
export const product = pipe(
  string('a product is a string'),
  maxLength(4_000, 'an address has at most 4000 characters'),
)

/** The id of a row: Postgres's bigint, as a string or a number. */
export const id = pipe(
  union([string(), number()], 'an id is a number'),
  transform((given) => String(given).trim()),
  regex(/^[1-9]\d{0,17}$/, 'an id is a whole number above 0'),
)

/** An amount as people write it; amounts.ts reads it. */
export const written = pipe(
  union([string(), number()], 'an amount is a number such as 45 or 44.99'),
  transform(String),
)
