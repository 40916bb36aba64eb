import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { alert, channel, type Notifying, notifying } from './notifying.ts'

/** Every test of the notifier runs as its database user; this says what that user, and others, may not do. */
let notifier: Notifying
beforeAll(async () => {
  notifier = await notifying()
  const { userId } = await alert(notifier)
  await channel(notifier, userId)
})
afterAll(() => notifier.close())

async function outcomesAs(role: string, statements: readonly string[]) {
  const pool = new pg.Pool({ connectionString: notifier.url, max: 1, options: `-c role=${role}` })
  try {
    const outcomes: (readonly [string, string])[] = []
    for (const statement of statements) {
      const code = await pool.query(statement).then(
        () => 'was let',
        (error) => error.code,
      )
      outcomes.push([statement, code])
    }
    return outcomes
  } finally {
    await pool.end()
  }
}
const allDenied = (statements: readonly string[]) => statements.map((statement) => [statement, '42501'])

test('the notifier changes of alerts what became of them, and neither prices nor watches', async () => {
  const forbidden = [
    'update price_alerts set triggered_price = 1',
    'update price_alerts set target_price = 1',
    'update price_alerts set raised_at = now()',
    'update price_alerts set watch_id = 1',
    'insert into price_alerts (watch_id, triggered_price, target_price, triggered_at) values (1, 1, 1, now())',
    'delete from price_alerts',
    'update watches set target_price = 1',
    'update watches set snoozed_until = null',
    'update watched_products set current_price = 1',
    'insert into price_history select * from price_history',
    "update users set email = 'x'",
    'update users set quiet_from = null',
    'update notification_channels set secret = null',
    'delete from notification_channels',
    'update messages set user_id = 1',
    'update messages set kind = kind',
    'delete from messages',
    'delete from deliveries',
    'update deliveries set request = null',
    'select * from rejected_records',
    'select * from deal_filters',
  ]
  expect(await outcomesAs('keeper_notifier', forbidden)).toEqual(allDenied(forbidden))
})

const SECRET = 'select secret from notification_channels'

test("a channel's secret is read by the notifier alone, and written by the operator", async () => {
  const { rows } = await notifier
    .query<{ rolname: string }>(
      "select rolname from pg_roles where rolname like 'keeper\\_%' and rolname <> 'keeper_notifier'",
    )
    .then((found) => ({ rows: found }))
  expect(rows.length).toBeGreaterThan(5)
  for (const { rolname } of rows) {
    const reads = [
      SECRET,
      'select * from notification_channels',
      'update notification_channels set address = secret',
    ]
    expect([rolname, await outcomesAs(rolname, reads)]).toEqual([rolname, allDenied(reads)])
  }
  expect(await outcomesAs('keeper_notifier', [SECRET])).toEqual([[SECRET, 'was let']])
  const writes = [
    "insert into notification_channels (user_id, kind, address, secret) select id, 'ntfy', 'https://ntfy.test', 'tk_1' from users",
    "update notification_channels set secret = 'tk_2' where kind = 'ntfy'",
    'select id, kind, address, disabled_at, disabled_reason from notification_channels',
    "delete from notification_channels where kind = 'ntfy'",
  ]
  expect(await outcomesAs('keeper_operator', writes)).toEqual(writes.map((write) => [write, 'was let']))
})

test('the operator sees what was sent, and changes nothing of it', async () => {
  const reads = ['select * from messages', 'select * from deliveries']
  const changes = ["update messages set status = 'SENT'", "update deliveries set status = 'SENT'"]
  for (const role of ['keeper_operator', 'keeper_operator_reader']) {
    expect(await outcomesAs(role, reads)).toEqual(reads.map((read) => [read, 'was let']))
    expect(await outcomesAs(role, changes)).toEqual(allDenied(changes))
  }
})
