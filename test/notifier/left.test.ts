import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { alert, type Notifying, notifying } from './notifying.ts'

let notifier: Notifying
beforeEach(async () => {
  notifier = await notifying()
})
afterEach(() => notifier.close())

const sent = () => notifier.service.requests
const alerts = () => notifier.query('select status, reason from price_alerts order by id')
const leave = (userId: string, kind = 'alert') =>
  notifier.query('insert into left_kinds (user_id, kind) values ($1, $2)', [userId, kind])

test('who has left alerts is not told, and the alerts say why; others are told', async () => {
  const { userId } = await alert(notifier)
  await alert(notifier)
  await leave(userId)
  expect(await notifier.run()).toMatchObject({ alertsSuperseded: 1, deliveriesSent: 1 })
  expect(await alerts()).toEqual([
    { status: 'SUPERSEDED', reason: 'left' },
    { status: 'SENT', reason: null },
  ])
})

test('a message that waits for its next attempt ends when its user leaves', async () => {
  const { userId } = await alert(notifier)
  notifier.service.answer = () => 500
  await notifier.run()
  notifier.service.answer = () => 200
  const before = sent().length
  await leave(userId)
  await notifier.query('update messages set due_at = now()')
  await notifier.run()
  expect(sent()).toHaveLength(before)
  expect(await alerts()).toEqual([{ status: 'SUPERSEDED', reason: 'left' }])
  expect(await notifier.query('select status, reason from messages')).toEqual([
    { status: 'SUPERSEDED', reason: 'left' },
  ])
})

test('leaving reports leaves alerts as they are', async () => {
  const { userId } = await alert(notifier)
  await leave(userId, 'report')
  await leave(userId, 'notice')
  expect(await notifier.run()).toMatchObject({ deliveriesSent: 1 })
})

test('who comes back hears of the next price that qualifies', async () => {
  const { userId, watchId } = await alert(notifier)
  await leave(userId)
  await notifier.run()
  await notifier.query('delete from left_kinds')
  await notifier.query('update watches set target_price = 44 where id = $1', [watchId])
  await notifier.query(
    "update price_alerts set raised_at = now() - interval '2 minutes' where status = 'PENDING'",
  )
  expect(await notifier.run()).toMatchObject({ deliveriesSent: 1 })
})
