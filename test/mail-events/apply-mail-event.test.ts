import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { applyMailEvent } from '../../lambdas/mail-events/apply-mail-event.ts'
import type { MailEvent } from '../../lambdas/mail-events/mail-event.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'

let database: FreshDatabase
/** Signed in as the function is. */
let pool: pg.Pool
beforeEach(async () => {
  database = await freshDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 1, options: '-c role=keeper_mail_events' })
  await database.pool.query(`
    insert into users (email) values ('Ada@example.com'), ('bob@example.com');
    insert into notification_channels (user_id, kind, address, secret)
      select id, 'email', 'ada@example.com', null from users where email = 'bob@example.com';
    insert into notification_channels (user_id, kind, address, secret)
      select id, 'webhook', 'https://hook.example.com', 'whsec_x' from users where email = 'bob@example.com';
    insert into messages (user_id, kind) select id, 'alert' from users where email = 'Ada@example.com';
    insert into deliveries (message_id, channel_kind, address, attempt, status, provider_id)
      select id, 'email', 'Ada@example.com', 1, 'SENT', 'ses-1' from messages;
  `)
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

const event = async (more: Partial<MailEvent> = {}): Promise<MailEvent> => ({
  kind: 'bounce',
  addresses: ['ada@example.com'],
  reason: 'bounced: user unknown',
  messageId: (await database.pool.query<{ id: string }>('select id from messages')).rows[0]?.id ?? null,
  providerId: 'ses-1',
  ...more,
})
const rows = async (query: string) => (await database.pool.query(query)).rows

test('switches an address off wherever it is, with the reason, and nothing else', async () => {
  await expect(applyMailEvent(pool, await event())).resolves.toEqual({
    addressesSwitchedOff: 2,
    deliveriesMarked: 1,
  })
  expect(
    await rows(`select email, email_disabled_reason as why from users where email_disabled_at is not null`),
  ).toEqual([{ email: 'Ada@example.com', why: 'bounced: user unknown' }])
  expect(
    await rows(
      `select address, disabled_reason as why from notification_channels where disabled_at is not null`,
    ),
  ).toEqual([{ address: 'ada@example.com', why: 'bounced: user unknown' }])
  expect(await rows('select status, reason from deliveries')).toEqual([
    { status: 'FAILED', reason: 'bounced: user unknown' },
  ])
})

test('an event that comes twice keeps the first reason and time', async () => {
  await applyMailEvent(pool, await event())
  const before = await rows('select * from users order by id')
  const again = await applyMailEvent(pool, await event({ reason: 'bounced: again' }))
  expect(again.addressesSwitchedOff).toBe(0)
  expect(await rows('select * from users order by id')).toEqual(before)
})

test('a complaint leaves the delivery sent: the mail arrived', async () => {
  await applyMailEvent(pool, await event({ kind: 'complaint', reason: 'marked as spam' }))
  expect(await rows('select status, reason from deliveries')).toEqual([
    { status: 'SENT', reason: 'marked as spam' },
  ])
})

test('a mail that SES did not send has failed, and its address stays on', async () => {
  await applyMailEvent(pool, await event({ kind: 'not-sent', addresses: [], reason: 'rejected by SES' }))
  expect(await rows('select status from deliveries')).toEqual([{ status: 'FAILED' }])
  expect(await rows('select from users where email_disabled_at is not null')).toEqual([])
})

describe('requirement 7: that a mail was sent', () => {
  const sent = (more: Partial<MailEvent> = {}) => event({ kind: 'sent', reason: null, ...more })
  const isIn = (status: string, reason: string | null = null) =>
    database.pool.query('update deliveries set status = $1, reason = $2, provider_id = null', [
      status,
      reason,
    ])

  test.each([
    ['SENDING', null],
    ['AGAIN', 'TimeoutError'],
  ])('marks an attempt that the notifier knows as %s', async (status, reason) => {
    await isIn(status, reason)
    await expect(applyMailEvent(pool, await sent())).resolves.toEqual({
      addressesSwitchedOff: 0,
      deliveriesMarked: 1,
    })
    expect(await rows('select status, reason, provider_id from deliveries')).toEqual([
      { status: 'SENT', reason: null, provider_id: 'ses-1' },
    ])
    expect(await rows('select from users where email_disabled_at is not null')).toEqual([])
  })

  test.each(['SENT', 'FAILED', 'STOPPED'])(
    'changes nothing about an attempt that ended as %s',
    async (status) => {
      await isIn(status)
      const { deliveriesMarked } = await applyMailEvent(pool, await sent())
      expect([deliveriesMarked, await rows('select status, provider_id from deliveries')]).toEqual([
        0,
        [{ status, provider_id: null }],
      ])
    },
  )

  test('marks neither another address of the message nor another kind of channel', async () => {
    await isIn('SENDING')
    await database.pool.query(
      `insert into deliveries (message_id, channel_id, channel_kind, address, attempt, status)
       select message_id, channel.id, channel.kind, channel.address, 1, 'SENDING'
       from deliveries cross join notification_channels as channel`,
    )
    await database.pool.query(
      "update notification_channels set address = 'other@example.com' where kind = 'email'",
    )
    await database.pool.query(
      "update deliveries set address = 'other@example.com' where channel_id is not null",
    )
    await applyMailEvent(pool, await sent())
    expect(await rows('select channel_kind, address, status from deliveries order by id')).toEqual([
      { channel_kind: 'email', address: 'Ada@example.com', status: 'SENT' },
      { channel_kind: 'email', address: 'other@example.com', status: 'SENDING' },
      { channel_kind: 'webhook', address: 'other@example.com', status: 'SENDING' },
    ])
  })
})

test('the function can read no secret, and no mail but its own deliveries', async () => {
  for (const query of [
    'select secret from notification_channels',
    'select request from deliveries',
    'select content from messages',
    'update users set email = email',
    'delete from deliveries',
  ]) {
    await expect(pool.query(query)).rejects.toMatchObject({ code: '42501' })
  }
})
