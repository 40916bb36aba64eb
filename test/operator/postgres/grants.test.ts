import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

/** What neither user may do: prices and alerts are written by the consumers alone. */
const NOBODY = [
  'update watched_products set current_price = 1',
  'delete from watched_products',
  'update watches set user_id = 1',
  "update users set email = 'x'",
  'insert into price_history select * from price_history',
  'delete from price_history',
  'update price_alerts set sent_at = now()',
  'delete from price_alerts',
  'update deals set current_price = 1',
  'delete from deal_reports',
  'update rejected_records set value = null',
  'delete from rejected_records',
  'delete from producer_runs',
  'update consumed_offsets set next_offset = 0',
  'select secret from notification_channels',
  'select * from notification_channels',
  "update notification_channels set address = 'x'",
  "update messages set status = 'SENT'",
  'delete from messages',
  'update deliveries set reason = null',
]

/** What the one that reads may not do either. */
const CHANGES = [
  "insert into users (email) values ('x')",
  'delete from users',
  'insert into watched_products (asin, domain, title, currency) select asin, domain, title, currency from watched_products',
  'insert into watches (user_id, product_id) values (1, 1)',
  'update watches set target_price = 1',
  'delete from watches',
  'insert into deal_filters (user_id) values (1)',
  'delete from deal_filters',
  'update rejected_records set redriven_at = now()',
  'select from rejected_records for update',
  "insert into notification_channels (user_id, kind, address) values (1, 'email', 'x')",
  'update notification_channels set secret = null',
  'delete from notification_channels',
  "insert into messages (user_id, kind) values (1, 'test')",
  'update users set email_disabled_at = null',
]

test.each([
  ['keeper_operator_reader', [...NOBODY, ...CHANGES]],
  ['keeper_operator', NOBODY],
])('%s may do no more than its operations need', async (role, statements) => {
  const pool = new pg.Pool({ connectionString: database.url, max: 1, options: `-c role=${role}` })
  try {
    for (const statement of statements) {
      const outcome = await pool.query(statement).then(
        () => 'was let',
        ({ code }) => code,
      )
      expect([statement, outcome]).toEqual([statement, '42501'])
    }
  } finally {
    await pool.end()
  }
})
