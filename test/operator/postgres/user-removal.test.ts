import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { type Operators, operatorsOf } from '../operators.ts'

let database: FreshDatabase
let operators: Operators
beforeEach(async () => {
  database = await freshDatabase()
  operators = operatorsOf(database.url)
})
afterEach(async () => {
  await operators.close()
  await database.drop()
})

/** Tables whose rows belong to a user, directly or through another table, by the database's own foreign keys. */
const OWNED = `
with recursive reference as (
  select conrelid as referring, confrelid as referred from pg_constraint where contype = 'f'
),
owned as (
  select referring from reference where referred = 'users'::regclass
  union
  select reference.referring from reference join owned on reference.referred = owned.referring
)
select referring::regclass::text as name from owned order by name
`

/** One row of everything that a user may have. */
const EVERYTHING = `
with person as (insert into users (email) values ('ada@example.com') returning id),
product as (
  insert into watched_products (asin, domain, title, currency) values ('B07W6JN8V8', 'de', '', 'EUR') returning id
),
watch as (
  insert into watches (user_id, product_id, target_price) select person.id, product.id, 45 from person, product returning id
),
filter as (insert into deal_filters (user_id) select id from person),
channel as (
  insert into notification_channels (user_id, kind, address) select id, 'ntfy', 'https://ntfy.example' from person
),
message as (insert into messages (user_id, kind) select id, 'report' from person returning id),
delivery as (
  insert into deliveries (message_id, channel_kind, address, attempt, status) select id, 'email', 'ada', 1, 'SENT' from message
),
alert as (
  insert into price_alerts (watch_id, triggered_price, target_price, triggered_at, message_id)
  select watch.id, 40, 45, now(), message.id from watch, message
),
report as (
  insert into deal_reports (user_id, report_date, deals, message_id)
  select person.id, now(), '[]', message.id from person, message
),
reported as (
  insert into reported_deals (message_id, user_id, asin, domain, price)
  select message.id, person.id, 'B07W6JN8V8', 'de', 40 from person, message
),
noticed as (insert into watch_notices (watch_id, reason) select id, 'gone' from watch)
insert into left_kinds (user_id, kind) select id, 'alert' from person
`

test('removing a user leaves no row of theirs in any table', async () => {
  await database.pool.query(EVERYTHING)
  const { rows: owned } = await database.pool.query<{ name: string }>(OWNED)
  const counts = async () => {
    const counted = owned.map(async ({ name }) => {
      const { rows } = await database.pool.query<{ count: number }>(`select count(*)::integer from ${name}`)
      return [name, rows[0]?.count]
    })
    return Object.fromEntries(await Promise.all(counted))
  }
  // A table that a migration adds belongs into EVERYTHING.
  const before = await counts()
  expect(before).toEqual(Object.fromEntries(owned.map(({ name }) => [name, 1])))
  expect(Object.keys(before)).toEqual(
    expect.arrayContaining(['watches', 'price_alerts', 'deliveries', 'left_kinds']),
  )
  expect(await operators.ask('users.remove', { email: 'ada@example.com' })).toEqual({
    email: 'ada@example.com',
  })
  expect(await counts()).toEqual(Object.fromEntries(owned.map(({ name }) => [name, 0])))
  // The product and its prices are not the user's.
  expect((await database.pool.query('select from watched_products')).rowCount).toBe(1)
})
