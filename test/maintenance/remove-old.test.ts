import { afterEach, beforeEach, expect, test } from '@jest/globals'
import pg from 'pg'
import { type RemovalDependencies, removeOld } from '../../lambdas/maintenance/remove-old.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'

let database: FreshDatabase
let pool: pg.Pool
let watchId: string
beforeEach(async () => {
  database = await freshDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 1, options: '-c role=keeper_maintenance' })
  const { rows } = await database.pool.query<{ id: string }>(
    `with person as (insert into users (email) values ('ada@example.com') returning id),
     product as (
       insert into watched_products (asin, domain, title, currency) values ('B07W6JN8V8', 'de', '', 'EUR') returning id
     )
     insert into watches (user_id, product_id, target_price) select person.id, product.id, 45 from person, product
     returning id`,
  )
  watchId = rows[0]?.id ?? ''
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

const remove = (changes: Partial<RemovalDependencies> = {}) =>
  removeOld({ pool, days: { messages: 365, rejected: 90 }, deadlineMs: Date.now() + 60_000, ...changes })

const message = async (status: string, days: number) => {
  await database.pool.query(
    `with message as (
       insert into messages (user_id, kind, status, created_at)
       select id, 'alert', $1, now() - $2 * interval '1 day' from users returning id
     ),
     reported as (
       insert into reported_deals (message_id, user_id, asin, domain, price)
       select message.id, users.id, 'B07W6JN8V8', 'de', message.id from message, users
     )
     insert into deliveries (message_id, channel_kind, address, attempt, status) select id, 'email', 'a', 1, 'SENT' from message`,
    [status, days],
  )
}

const left = async (table: string, column = 'status') => {
  const { rows } = await database.pool.query<{ value: string }>(
    `select ${column} as value from ${table} order by 1`,
  )
  return rows.map(({ value }) => value)
}

test('messages that are over go when they are old, with their deliveries; what waits to be sent never goes', async () => {
  for (const status of ['SENT', 'FAILED', 'SUPERSEDED', 'PENDING']) {
    await message(status, 364)
    await message(status, 366)
  }
  expect(await remove()).toMatchObject({ messages: 3 })
  expect(await left('messages')).toEqual(['FAILED', 'PENDING', 'PENDING', 'SENT', 'SUPERSEDED'])
  expect(await left('deliveries')).toHaveLength(5)
  expect(await left('reported_deals', 'domain')).toHaveLength(5)
})

test('alerts stay, for the alert rule compares with them, but for old ones that count as never made', async () => {
  for (const [status, days] of [
    ['SENT', 400],
    ['FAILED', 400],
    ['PENDING', 400],
    ['SUPERSEDED', 400],
    ['SUPERSEDED', 300],
  ] as const) {
    await database.pool.query(
      `insert into price_alerts (watch_id, triggered_price, target_price, status, triggered_at)
       values ($1, 40, 45, $2, now() - $3 * interval '1 day')`,
      [watchId, status, days],
    )
  }
  expect(await remove()).toMatchObject({ alerts: 1 })
  expect(await left('price_alerts')).toEqual(['FAILED', 'PENDING', 'SENT', 'SUPERSEDED'])
})

test('rejected records and reports have their own time, and a large number goes in one run', async () => {
  await database.pool.query(
    `insert into rejected_records (topic, partition, "offset", fingerprint, headers, reason, detail, rejected_at)
     select 'prices', 0, n, '\\x00', '[]', 'bad', '', now() - case when n <= 2500 then 91 else 89 end * interval '1 day'
     from generate_series(1, 2510) as n`,
  )
  await database.pool.query(
    `insert into deal_reports (user_id, report_date, deals, created_at)
     select id, now() - days * interval '1 day', '[]', now() - days * interval '1 day'
     from users, unnest(array[10, 400]) as days`,
  )
  expect(await remove()).toEqual({ messages: 0, alerts: 0, reports: 1, rejected: 2_500 })
  expect(await left('rejected_records', 'reason')).toHaveLength(10)
})

test('a run that has no time left removes nothing and ends', async () => {
  await message('SENT', 400)
  expect(await remove({ deadlineMs: Date.now() })).toMatchObject({ messages: 0 })
})

test('what is old is found by an index, however much there is', async () => {
  await database.pool.query(
    `insert into messages (user_id, kind, status, created_at)
     select users.id, 'alert', 'SENT', now() - n * interval '1 minute' from users, generate_series(1, 20000) as n`,
  )
  await database.pool.query('analyze messages')
  const { rows } = await database.pool.query(
    `explain delete from messages where id in (
       select id from messages where status <> 'PENDING' and created_at < now() - 13 * interval '1 day'
       order by created_at limit 1000)`,
  )
  expect(JSON.stringify(rows)).toContain('messages_old')
})

test('the function’s database user reads no message and no record', async () => {
  for (const statement of [
    'select content from messages',
    'select value from rejected_records',
    'select email from users',
    'delete from users',
    'delete from watches',
    'update messages set status = null',
  ]) {
    const outcome = await pool.query(statement).then(
      () => 'was let',
      ({ code }) => code,
    )
    expect([statement, outcome]).toEqual([statement, '42501'])
  }
})

test('a batch that meets the removal of a user in a deadlock is repeated', async () => {
  await message('SENT', 366)
  // A sequence is not rolled back: the first try alone fails.
  await database.pool.query(
    `create sequence tries;
     create function deadlock() returns trigger language plpgsql security definer as $$
     begin
       if nextval('tries') = 1 then raise exception using errcode = '40P01'; end if;
       return old;
     end $$;
     create trigger deadlock before delete on messages for each row execute function deadlock()`,
  )
  expect(await remove()).toMatchObject({ messages: 1 })
})
