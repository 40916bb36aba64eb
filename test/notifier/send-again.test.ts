import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { askedToSendAgain, sendAgain } from '../../lambdas/notifier/send-again.ts'
import { type Operators, operatorsOf } from '../operator/operators.ts'
import { alert, type Notifying, notifying } from './notifying.ts'

let notifier: Notifying
let operators: Operators
beforeEach(async () => {
  notifier = await notifying()
  operators = operatorsOf(notifier.url)
})
afterEach(async () => {
  await operators.close()
  await notifier.close()
})

const newest = async () => (await operators.ask('notifications.list')).rows[0]
const again = async () => sendAgain(notifier.pool, (await newest())?.id ?? '')

/** A message that its one channel has refused. */
async function failed(): Promise<string> {
  notifier.service.answer = () => 400
  await notifier.run()
  notifier.service.answer = () => 200
  return (await newest())?.id ?? ''
}

test('an alert that failed is told in a new message; the old one stays, with its attempt and why', async () => {
  const { alertId } = await alert(notifier)
  const first = await failed()
  expect(await operators.ask('notifications.show', { id: first })).toMatchObject({
    status: 'FAILED',
    alerts: [{ id: alertId, cause: 'target-reached', price: '40.00' }],
    deliveries: [{ kind: 'email', attempt: 1, status: 'FAILED', reason: 'answered 400' }],
  })

  expect(await again()).toBe(1)
  await notifier.run()
  expect(await operators.ask('alerts.show', { id: alertId })).toMatchObject({ status: 'SENT', reason: null })
  expect((await operators.ask('notifications.list')).rows).toMatchObject([
    { status: 'SENT', took: 'email' },
    { id: first, status: 'SUPERSEDED', reason: 'sent again: answered 400' },
  ])
  // Nothing is left of it that could be told twice.
  expect(await sendAgain(notifier.pool, first)).toBe(0)
})

test('what is not so any more is not told, however often it is asked for', async () => {
  const { alertId, productId } = await alert(notifier)
  await failed()
  await notifier.query('update watched_products set current_price = 90, price_at = now() where id = $1', [
    productId,
  ])
  expect(await again()).toBe(1)
  const before = notifier.service.requests.length
  await notifier.run()
  expect(notifier.service.requests).toHaveLength(before)
  expect(await operators.ask('alerts.show', { id: alertId })).toMatchObject({
    status: 'SUPERSEDED',
    reason: 'the price is above the target',
  })
})

test('where a newer alert of the watch waits, the older one is left alone', async () => {
  const { alertId, watchId } = await alert(notifier)
  await failed()
  await notifier.query(
    `insert into price_alerts (watch_id, triggered_price, target_price, triggered_at) values ($1, 30, 45, now())`,
    [watchId],
  )
  expect(await again()).toBe(0)
  expect(await operators.ask('alerts.show', { id: alertId })).toMatchObject({ status: 'FAILED' })
})

test('a report goes out again as it was, and counts as told', async () => {
  const [user] = await notifier.query<{ id: string }>(
    "insert into users (email) values ('ada@test') returning id",
  )
  const deal = { asin: 'B00000000A', domain: 'de', title: 'Keyboard', currentPrice: '20.00', rating: null }
  await notifier.query(
    'insert into deal_reports (user_id, report_date, deals) values ($1, current_date, $2)',
    [
      user?.id,
      JSON.stringify([
        {
          ...deal,
          originalPrice: null,
          discountPercent: 20,
          reviewCount: null,
          timestamp: '2026-02-20T12:00:00Z',
        },
      ]),
    ],
  )
  const first = await failed()
  expect(await again()).toBe(1)
  await notifier.run()
  const message = await newest()
  expect(message).toMatchObject({ kind: 'report', status: 'SENT' })
  expect((await operators.ask('reports.list')).rows).toMatchObject([
    { user: 'ada@test', deals: 1, message: message?.id, status: 'SENT' },
  ])
  expect(await notifier.query('select message_id from reported_deals order by message_id')).toEqual([
    { message_id: first },
    { message_id: message?.id },
  ])
})

test('a message that waits for its next attempt is tried now', async () => {
  await alert(notifier)
  notifier.service.answer = () => [503, { 'retry-after': '3000' }]
  await notifier.run()
  notifier.service.answer = () => 200
  expect(await newest()).toMatchObject({ status: 'PENDING', reason: 'answered 503' })
  expect(await again()).toBe(1)
  await notifier.run()
  expect(await newest()).toMatchObject({ status: 'SENT' })
})

test('only an event that names a message asks for it: a schedule’s asks for nothing', () => {
  expect(askedToSendAgain({ sendAgain: '12' })).toBe('12')
  for (const event of [{ scheduledTime: '2026-02-20T12:00:00Z' }, {}, null, { sendAgain: "1' or true" }]) {
    expect(askedToSendAgain(event)).toBeUndefined()
  }
})
