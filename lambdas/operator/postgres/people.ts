import type { ClientBase, Pool } from 'pg'
import { KeeperError } from '../../core/errors.ts'
import { nearest } from '../nearest.ts'

/** What runs a query: the pool, or a client within a transaction. */
export type Queries = Pick<Pool | ClientBase, 'query'>

export interface Person {
  readonly id: string
  readonly email: string
}

/** Names that an error lists, at most. */
const MOST_CHOICES = 10

/**
 * The user of an e-mail address, whatever its case; without one, the only user.
 * @throws KeeperError `no_such_user`, `no_users` or `user_ambiguous`, with the choices
 */
export async function personOf(queries: Queries, email: string | undefined): Promise<Person> {
  if (email === undefined) return onlyPerson(queries)
  const { rows } = await queries.query<Person>(
    'select id, email from users where lower(email) = lower($1) order by email = $1 desc limit 1',
    [email],
  )
  if (rows[0]) return rows[0]
  const { rows: all } = await queries.query<Person>('select id, email from users order by email limit 5000')
  const near = nearest(
    email,
    all.map((person) => person.email),
  )
  const hint = near.length > 0 ? `; users near it: ${near.join(', ')}` : ''
  throw new KeeperError('no_such_user', `There is no user ${email}${hint}.`)
}

async function onlyPerson(queries: Queries): Promise<Person> {
  const { rows } = await queries.query<Person>(
    `select id, email from users order by email limit ${MOST_CHOICES + 1}`,
  )
  const [only, second] = rows
  if (only && !second) return only
  if (!only) throw new KeeperError('no_users', 'There are no users yet: keeper users add E-MAIL adds one.')
  const shown = rows.slice(0, MOST_CHOICES).map(({ email }) => email)
  const more = rows.length > MOST_CHOICES ? ' and others' : ''
  throw new KeeperError(
    'user_ambiguous',
    `Whose? --user (or KEEPER_USER) takes one of ${shown.join(', ')}${more}.`,
  )
}
