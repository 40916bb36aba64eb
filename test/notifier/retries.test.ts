import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { oldestDueSeconds } from '../../lambdas/notifier/run-notifier.ts'
import { sendAgain } from '../../lambdas/notifier/send-again.ts'
import { alert, channel, type Notifying, notifying } from './notifying.ts'

/* What happens between a message's first attempt and its next one. */
let notifier: Notifying
beforeEach(async () => {
  notifier = await notifying()
})
afterEach(() => notifier.close())

const sent = () => notifier.service.requests
const query: Notifying['query'] = (sql, values) => notifier.query(sql, values)
const alerts = () => query('select status, reason from price_alerts order by id')
const messages = () => query('select status, reason from messages order by id')

/** The first attempt of all that is due, which no service takes; then all of it is due again, and is taken. */
async function failsOnce(status = 503) {
  notifier.service.answer = () => status
  await notifier.run()
  notifier.service.answer = () => 200
  await query("update messages set due_at = now() where status = 'PENDING'")
}

const QUIET_NOW = `
update users set quiet_from = (now() at time zone time_zone - interval '1 hour')::time,
  quiet_until = (now() at time zone time_zone + interval '1 hour')::time`
const QUIET_NO_MORE = 'update users set quiet_from = null, quiet_until = null'

const NOT_SO = [
  ['whose price rose', 'update watched_products set current_price = 90', 'the price is above the target'],
  ['whose watch was paused', "update watches set status = 'PAUSED'", 'the watch is not active'],
  ['whose watch was removed', 'delete from watches', 'its watches are gone'],
] as const

describe('requirement 3: rechecked at each attempt', () => {
  test.each(NOT_SO)('a message %s before the next attempt is not sent', async (_, change, reason) => {
    await alert(notifier)
    await failsOnce()
    await query(change)
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 0, messagesFailed: 0 })
    expect(sent()).toHaveLength(1)
    expect(await messages()).toEqual([{ status: 'SUPERSEDED', reason }])
  })

  test.each(NOT_SO)(
    'a message %s is not told to a second channel, after the first one took it',
    async (_, change, reason) => {
      const { userId } = await alert(notifier)
      await channel(notifier, userId, 'webhook')
      await channel(notifier, userId, 'ntfy')
      notifier.service.answer = ({ path }) => (path === '/webhook' ? 503 : 200)
      await notifier.run()
      notifier.service.answer = () => 200
      await query(change)
      await query('update messages set due_at = now()')
      expect(await notifier.run()).toMatchObject({ deliveriesSent: 0, messagesFailed: 0 })
      expect(sent()).toHaveLength(2)
      expect(await messages()).toEqual([{ status: 'SENT', reason }])
      expect((await alerts()).every(({ status }) => status === 'SENT')).toBe(true)
    },
  )

  test('a message of which one alert is still so is sent as it was', async () => {
    const { userId, watchId } = await alert(notifier)
    await alert(notifier, { userId })
    await failsOnce()
    await query('delete from watches where id = $1', [watchId])
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 1 })
    expect(sent()[1]?.body).toBe(sent()[0]?.body)
  })
})

describe('requirement 11: a channel whose service names a time', () => {
  const paths = () => sent().map(({ path }) => path)
  const dueInSeconds = async () =>
    (await query('select extract(epoch from due_at - now())::float as seconds from messages'))[0]?.seconds
  const due = () => query('update messages set due_at = now()')

  beforeEach(async () => {
    const { userId } = await alert(notifier)
    await channel(notifier, userId, 'webhook')
    await channel(notifier, userId, 'ntfy')
    notifier.service.answer = ({ path }) => (path === '/webhook' ? [429, { 'retry-after': '86400' }] : 503)
    await notifier.run()
    notifier.service.answer = () => 200
    sent().length = 0
  })

  test('is left alone until then, and the other one does not wait for it', async () => {
    expect(await dueInSeconds()).toBeLessThan(60)
    await due()
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 1 })
    expect(paths()).toEqual(['/ntfy'])
    expect(await dueInSeconds()).toBeGreaterThan(86_000)
    await query("update deliveries set not_before = not_before - interval '1 day'")
    await due()
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 1 })
    expect(paths()).toEqual(['/ntfy', '/webhook'])
    expect(await messages()).toEqual([{ status: 'SENT', reason: null }])
  })

  test('is waited for where the other one is removed meanwhile', async () => {
    await query("delete from notification_channels where kind = 'ntfy'")
    await due()
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 0, messagesFailed: 0 })
    expect(await messages()).toMatchObject([{ status: 'PENDING' }])
    expect(await dueInSeconds()).toBeGreaterThan(86_000)
  })

  test('is not waited for where it is removed itself', async () => {
    await query("delete from notification_channels where kind = 'webhook'")
    await due()
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 1 })
    expect(await messages()).toEqual([{ status: 'SENT', reason: null }])
  })

  test('is tried at once where somebody asks for that', async () => {
    const [message] = await query<{ id: string }>('select id from messages')
    expect(await sendAgain(notifier.pool, message?.id ?? '')).toBe(1)
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 2 })
  })
})

describe('requirement 14: quiet hours', () => {
  test('hold a retry, and whatever waited while all sending was stopped; then it is told', async () => {
    await alert(notifier)
    await failsOnce(503)
    await alert(notifier)
    await failsOnce(403)
    const before = sent().length
    await query(QUIET_NOW)
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 0 })
    expect(await alerts()).toMatchObject([{ status: 'PENDING' }, { status: 'PENDING' }])
    await query(QUIET_NO_MORE)
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 2 })
    expect(sent()).toHaveLength(before + 2)
  })

  test('hold nobody else, and no test of a channel', async () => {
    const quiet = await alert(notifier)
    await alert(notifier)
    await failsOnce()
    await query(`${QUIET_NOW} where id = $1`, [quiet.userId])
    await query(`insert into messages (user_id, kind, content) values ($1, 'test', '{"kind":"test"}')`, [
      quiet.userId,
    ])
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 2 })
    expect(await alerts()).toMatchObject([{ status: 'PENDING' }, { status: 'SENT' }])
  })

  test('make no message late', async () => {
    await alert(notifier)
    await failsOnce()
    await query("update messages set due_at = now() - interval '3 hours'")
    expect(await oldestDueSeconds(notifier.pool)).toBeGreaterThan(3 * 3_600 - 1)
    await query(QUIET_NOW)
    expect(await oldestDueSeconds(notifier.pool)).toBe(0)
  })
})

describe('requirement 14: a watch that is snoozed before the next attempt', () => {
  const SNOOZE = "update watches set snoozed_until = now() + interval '7 days'"

  test('is not told until the snooze is over, and then by the price of that day', async () => {
    await alert(notifier)
    await failsOnce()
    await query(SNOOZE)
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 0, alertsSuperseded: 0 })
    expect(await messages()).toEqual([{ status: 'SUPERSEDED', reason: 'the watch is snoozed' }])
    expect(await alerts()).toEqual([{ status: 'PENDING', reason: null }])
    await query("update watches set snoozed_until = now() - interval '2 minutes'")
    await query('update watched_products set current_price = 38')
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 1 })
    expect(sent().at(-1)?.text).toContain(' 38.00 ')
  })

  test('is told at its target, where its user wants that', async () => {
    await alert(notifier, { price: 40, target: 45 })
    await failsOnce()
    await query(`${SNOOZE}, snooze_lets_target_through = true`)
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 1 })
  })
})
