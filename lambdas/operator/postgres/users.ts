import { object, optional, string } from 'valibot'
import { operation, type Page } from '../operation.ts'
import { changingWatches, removePerson } from './changing-watches.ts'
import { email, user } from './inputs.ts'
import { iso, PAGE_ROWS, pageOf } from './page.ts'
import { personOf } from './people.ts'
import { type Telling, tellingOf } from './telling.ts'

/** A user, and what belongs to it. */
export interface UserSummary {
  readonly email: string
  readonly watches: number
  readonly filters: number
  readonly reports: number
  readonly createdAt: string
}

const SELECT = `
select email, ${iso('created_at')} as "createdAt",
  (select count(*)::integer from watches where user_id = users.id) as watches,
  (select count(*)::integer from deal_filters where user_id = users.id) as filters,
  (select count(*)::integer from deal_reports where user_id = users.id) as reports
from users`

export const listUsers = operation({
  access: 'read',
  does: 'Lists the users, with how much belongs to each.',
  input: object({ cursor: optional(string()) }),
  run: async ({ cursor }, { pool }): Promise<Page<UserSummary, string>> => {
    const { rows } = await pool().query<UserSummary>(
      `${SELECT} where email > $1 order by email limit ${PAGE_ROWS}`,
      [cursor ?? ''],
    )
    return pageOf(rows, (row) => row.email)
  },
})

export const showUser = operation({
  access: 'read',
  does: 'Shows a user: how much belongs to it, and when and how it is told of things.',
  input: object({ email: optional(user) }),
  run: async (input, { pool }): Promise<UserSummary & Telling> => {
    const person = await personOf(pool(), input.email)
    const { rows } = await pool().query<UserSummary>(`${SELECT} where id = $1`, [person.id])
    const summary = rows[0] ?? { email: person.email, watches: 0, filters: 0, reports: 0, createdAt: '' }
    return { ...summary, ...(await tellingOf(pool(), person)) }
  },
})

export const addUser = operation({
  access: 'change',
  does: 'Adds a user. An existing one, in whatever case, is left unchanged.',
  input: object({ email }),
  run: async (input, { pool }) => {
    const { rows } = await pool().query<{ email: string }>(
      `insert into users (email) select $1::text
       where not exists (select from users where lower(email) = lower($1))
       on conflict (email) do nothing returning email`,
      [input.email],
    )
    if (rows[0]) return { email: rows[0].email, created: true }
    return { email: (await personOf(pool(), input.email)).email, created: false }
  },
})

export const removeUser = operation({
  access: 'change',
  does: 'Removes a user with all of theirs: watches, alerts, filters, reports, messages and channels.',
  input: object({ email: user }),
  run: async (input, { pool }): Promise<{ readonly email: string }> => {
    const person = await personOf(pool(), input.email)
    await changingWatches(pool(), (client) => removePerson(client, person.id))
    return { email: person.email }
  },
})
