import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type pg from 'pg'
import { gather } from '../../lambdas/notifier/gather.ts'
import { alert, asNotifier, type Notifying, notifying, SETTINGS } from './notifying.ts'

/*
 * When people are told, by a clock that each test sets: in this database now() is a function of the test's, found before
 * Postgres's own.
 */
let notifier: Notifying
let clock: pg.Pool
beforeEach(async () => {
  notifier = await notifying()
  await notifier.query('create schema clock')
  await notifier.query(
    `create function clock.now() returns timestamptz stable language sql as $$ select current_setting('clock.now')::timestamptz $$`,
  )
  await notifier.query('grant usage on schema clock to keeper_notifier')
  clock = asNotifier(notifier.url, '-c search_path=clock,pg_catalog,public')
})
afterEach(async () => {
  await clock.end()
  await notifier.close()
})

/** Gathers as at that time, and says which messages were made. */
async function at(time: string, settings: Partial<typeof SETTINGS> = {}): Promise<string[]> {
  await clock.query("select set_config('clock.now', $1, false)", [time])
  const [before] = await notifier.query<{ id: string }>('select coalesce(max(id), 0) as id from messages')
  await gather(clock, { ...SETTINGS, ...settings })
  const made = await notifier.query<{ made: string }>(
    `select message.kind || ' of ' || count(alert.id) as made from messages as message
     left join price_alerts as alert on alert.message_id = message.id
     where message.id > $1 group by message.id order by message.id`,
    [before?.id],
  )
  return made.map(({ made }) => made)
}
const raise = (raisedAt: string, user: Record<string, string | null> = {}, of: { userId?: string } = {}) =>
  alert(notifier, { raisedAt, user, ...of })

const NIGHT = { time_zone: 'Europe/Berlin', quiet_from: '22:00', quiet_until: '07:00' }

describe('requirement 14: quiet hours', () => {
  test('hold alerts through the night, which then come in one digest', async () => {
    const { userId } = await raise('2026-02-20T21:30:00Z', NIGHT)
    await raise('2026-02-21T02:00:00Z', {}, { userId })
    expect(await at('2026-02-20T21:35:00Z')).toEqual([])
    expect(await at('2026-02-21T05:59:59Z')).toEqual([])
    expect(await at('2026-02-21T06:00:00Z')).toEqual(['digest of 2'])
    expect(await at('2026-02-21T06:01:00Z')).toEqual([])
  })

  test('end with nothing where nothing was held, and what comes by day is told at once', async () => {
    const { userId } = await raise('2026-02-21T09:00:00Z', NIGHT)
    expect(await at('2026-02-21T09:01:00Z')).toEqual(['alert of 1'])
    await raise('2026-02-21T20:58:00Z', {}, { userId })
    expect(await at('2026-02-21T20:59:59Z')).toEqual(['alert of 1'])
  })

  test('may lie within a day', async () => {
    await raise('2026-02-20T13:00:00Z', { time_zone: 'UTC', quiet_from: '12:00', quiet_until: '14:00' })
    expect(await at('2026-02-20T13:59:00Z')).toEqual([])
    expect(await at('2026-02-20T14:00:00Z')).toEqual(['digest of 1'])
  })

  test('are those of each user’s own zone', async () => {
    await raise('2026-02-20T12:00:00Z', { ...NIGHT, time_zone: 'Asia/Tokyo' })
    await raise('2026-02-20T12:00:00Z', { ...NIGHT, time_zone: 'Europe/Berlin' })
    // 22:30 in Tokyo, 14:30 in Berlin.
    expect(await at('2026-02-20T13:30:00Z')).toEqual(['alert of 1'])
  })

  test('that would end within the hour that summer time skips end with it', async () => {
    await raise('2026-03-29T00:30:00Z', { ...NIGHT, quiet_until: '02:30' })
    expect(await at('2026-03-29T00:59:59Z')).toEqual([])
    // The clock shows 03:00.
    expect(await at('2026-03-29T01:00:00Z')).toEqual(['digest of 1'])
  })

  test('that end within the hour that comes twice send one digest, whatever is held in its second time', async () => {
    const { userId } = await raise('2026-10-24T23:30:00Z', { ...NIGHT, quiet_until: '02:30' })
    expect(await at('2026-10-25T00:29:59Z')).toEqual([])
    expect(await at('2026-10-25T00:30:00Z')).toEqual(['digest of 1'])
    // The clock shows 02:10 again.
    await raise('2026-10-25T01:10:00Z', {}, { userId })
    expect(await at('2026-10-25T01:12:00Z')).toEqual([])
    expect(await at('2026-10-25T01:30:00Z')).toEqual(['alert of 1'])
  })
})

const DIGEST = { time_zone: 'Europe/Berlin', digest_at: '18:00' }

describe('requirement 14: the daily digest', () => {
  test('replaces messages at once, comes once a local day, and not where it is empty', async () => {
    const { userId } = await raise('2026-02-20T09:00:00Z', DIGEST)
    expect(await at('2026-02-20T16:59:59Z')).toEqual([])
    expect(await at('2026-02-20T17:00:00Z')).toEqual(['digest of 1'])
    await raise('2026-02-20T17:30:00Z', {}, { userId })
    expect(await at('2026-02-20T22:59:00Z')).toEqual([])
    expect(await at('2026-02-21T16:59:00Z')).toEqual([])
    expect(await at('2026-02-21T17:01:00Z')).toEqual(['digest of 1'])
    expect(await at('2026-02-22T17:01:00Z')).toEqual([])
  })

  test('is made up for after an outage, even past midnight', async () => {
    await raise('2026-02-20T09:00:00Z', DIGEST)
    expect(await at('2026-02-21T01:00:00Z')).toEqual(['digest of 1'])
  })

  test('that nobody needed at its time is not sent later for an alert that came after it', async () => {
    await raise('2026-02-20T17:10:00Z', DIGEST)
    expect(await at('2026-02-20T18:00:00Z')).toEqual([])
    expect(await at('2026-02-21T17:00:00Z')).toEqual(['digest of 1'])
  })

  test('whose time lies in quiet hours comes when they end', async () => {
    await raise('2026-02-20T09:00:00Z', { ...NIGHT, digest_at: '23:30' })
    expect(await at('2026-02-20T22:45:00Z')).toEqual([])
    expect(await at('2026-02-21T06:00:00Z')).toEqual(['digest of 1'])
  })

  test('at a time that summer time skips comes after the gap', async () => {
    await raise('2026-03-28T20:00:00Z', { ...DIGEST, digest_at: '02:30' })
    expect(await at('2026-03-29T00:59:59Z')).toEqual([])
    expect(await at('2026-03-29T01:00:00Z')).toEqual(['digest of 1'])
  })

  test('at a time that comes twice comes once', async () => {
    const { userId } = await raise('2026-10-24T20:00:00Z', { ...DIGEST, digest_at: '02:30' })
    expect(await at('2026-10-25T00:30:00Z')).toEqual(['digest of 1'])
    await raise('2026-10-25T00:40:00Z', {}, { userId })
    for (const time of ['01:10', '01:30', '01:45', '12:00']) {
      expect([time, await at(`2026-10-25T${time}:00Z`)]).toEqual([time, []])
    }
    expect(await at('2026-10-26T01:30:00Z')).toEqual(['digest of 1'])
  })
})

describe('requirement 5: caps', () => {
  test('beyond its cap a watch waits for the digest, which comes when the user’s day is over', async () => {
    const first = await raise('2026-02-20T09:00:00Z', { time_zone: 'Europe/Berlin' })
    for (const hour of ['09', '10', '11']) {
      expect(await at(`2026-02-20T${hour}:30:00Z`)).toEqual(['alert of 1'])
      await notifier.query("update price_alerts set status = 'SENT'")
      await notifier.query(
        `insert into price_alerts (watch_id, triggered_price, target_price, triggered_at, raised_at)
         values ($1, 40, 45, now(), $2)`,
        [first.watchId, `2026-02-20T${hour}:45:00Z`],
      )
    }
    expect(await at('2026-02-20T12:30:00Z')).toEqual([])
    expect(await at('2026-02-20T22:59:00Z')).toEqual([])
    expect(await at('2026-02-20T23:10:00Z')).toEqual(['digest of 1'])
  })

  test('beyond a user’s cap everything waits, and nothing vanishes', async () => {
    const { userId } = await raise('2026-02-20T09:00:00Z')
    for (let more = 1; more <= 4; more += 1) {
      await at(`2026-02-20T1${more}:00:00Z`, { mostPerUser: 2 })
      await raise(`2026-02-20T1${more}:10:00Z`, {}, { userId })
    }
    expect(await at('2026-02-20T23:00:00Z', { mostPerUser: 2 })).toEqual([])
    expect(await at('2026-02-21T00:10:00Z', { mostPerUser: 2 })).toEqual(['digest of 3'])
  })

  test('a message that was superseded counts for nothing', async () => {
    const { userId } = await raise('2026-02-20T09:00:00Z')
    await at('2026-02-20T10:00:00Z', { mostPerUser: 1 })
    await notifier.query("update messages set status = 'SUPERSEDED'")
    await notifier.query("update price_alerts set status = 'SUPERSEDED'")
    await raise('2026-02-20T11:00:00Z', {}, { userId })
    expect(await at('2026-02-20T12:00:00Z', { mostPerUser: 1 })).toEqual(['alert of 1'])
  })

  test('more than fifty alerts come in parts', async () => {
    const { userId } = await raise('2026-02-20T09:00:00Z')
    for (let more = 1; more < 60; more += 1) await raise('2026-02-20T09:00:00Z', {}, { userId })
    expect(await at('2026-02-20T10:00:00Z')).toEqual(['alert of 50', 'alert of 10'])
  })
})

describe('requirement 14: a snoozed watch', () => {
  test('is held until its date, and then told as if it had just come', async () => {
    const { watchId } = await alert(notifier, {
      raisedAt: '2026-02-18T09:00:00Z',
      priceAt: '2026-02-20T06:00:00Z',
    })
    await notifier.query("update watches set snoozed_until = '2026-02-20T09:00:00Z' where id = $1", [watchId])
    expect(await at('2026-02-20T08:59:00Z')).toEqual([])
    expect(await at('2026-02-20T09:02:00Z')).toEqual(['alert of 1'])
  })

  test('still tells at its target, where the user wants that', async () => {
    const reached = await alert(notifier, { raisedAt: '2026-02-20T09:00:00Z', price: 45, target: 45 })
    const nearly = await alert(notifier, { raisedAt: '2026-02-20T09:00:00Z', price: 45.2, target: 45 })
    await notifier.query(
      "update watches set snoozed_until = '2026-02-28T09:00:00Z', snooze_lets_target_through = true",
    )
    expect(await at('2026-02-20T10:00:00Z')).toEqual(['alert of 1'])
    const told = 'select message_id is not null as told from price_alerts where id = $1'
    expect(await notifier.query(told, [reached.alertId])).toEqual([{ told: true }])
    expect(await notifier.query(told, [nearly.alertId])).toEqual([{ told: false }])
  })
})

test('alerts from before the notifier worked for a user come in one digest, whatever the caps', async () => {
  const { userId } = await raise('2026-02-20T09:00:00Z', { notify_from: '2026-02-20T09:30:00Z' })
  for (let more = 0; more < 5; more += 1) await raise('2026-02-20T09:10:00Z', {}, { userId })
  expect(await at('2026-02-20T09:31:00Z', { mostPerUser: 1 })).toEqual(['digest of 6'])
})

test('a user whose zone is no IANA name is refused', async () => {
  for (const zone of ['Mars/Olympus', 'CEST', 'UTC+2', 'EST5EDT']) {
    const insert = notifier.query('insert into users (email, time_zone) values ($1, $1)', [zone])
    await expect(insert).rejects.toMatchObject({ code: '23514', message: expect.stringContaining(zone) })
  }
})
