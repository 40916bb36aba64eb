import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { type Operators, operatorsOf } from '../operators.ts'

let database: FreshDatabase
let operators: Operators
beforeEach(async () => {
  database = await freshDatabase()
  operators = operatorsOf(database.url)
  await operators.ask('users.add', { email: ADA })
})
afterEach(async () => {
  await operators.close()
  await database.drop()
})

const ADA = 'ada@example.com'
const ASIN = 'B07W6JN8V8'

describe('what a user is told', () => {
  test('is everything, in English, at any time, unless it is set', async () => {
    expect(await operators.ask('users.show', { email: ADA })).toMatchObject({
      email: ADA,
      locale: 'en',
      timeZone: 'UTC',
      quiet: null,
      digest: null,
      muted: [],
      emailDisabledReason: null,
      channels: [],
    })
  })

  test('is muted and unmuted kind by kind, or all at once, and the only user needs no name', async () => {
    expect(await operators.ask('users.mute', { kind: 'alert' })).toMatchObject({
      email: ADA,
      changed: true,
      muted: ['alert'],
    })
    expect(await operators.ask('users.mute', { email: ADA, kind: 'alert' })).toMatchObject({ changed: false })
    expect(await operators.ask('users.mute', { kind: 'all' })).toMatchObject({
      muted: ['alert', 'notice', 'report'],
    })
    expect(await operators.ask('users.unmute', { kind: 'report' })).toMatchObject({
      muted: ['alert', 'notice'],
    })
    expect(await operators.ask('users.unmute', { kind: 'all' })).toMatchObject({ muted: [] })
    await expect(operators.ask('users.mute', { kind: 'digest' })).rejects.toMatchObject({
      code: 'input_invalid',
    })
  })

  test('is set one by one, and what is not named stays', async () => {
    await operators.ask('users.set', { locale: 'de', timeZone: 'Europe/Berlin', quiet: '22:00-7:00' })
    expect(await operators.ask('users.set', { digest: '08:00' })).toMatchObject({
      locale: 'de',
      timeZone: 'Europe/Berlin',
      quiet: '22:00-07:00',
      digest: '08:00',
    })
    expect(await operators.ask('users.set', { quiet: 'off', digest: 'off' })).toMatchObject({
      locale: 'de',
      quiet: null,
      digest: null,
    })
  })

  test.each([
    { timeZone: 'Europe/Atlantis' },
    { timeZone: 'CET' },
    { timeZone: '+02:00' },
    { locale: 'German' },
    { quiet: '22-7' },
    { quiet: '22:00-22:00' },
    { quiet: '24:00-07:00' },
    { digest: '8' },
  ])('is not set to %p', async (wanted) => {
    await expect(operators.ask('users.set', { email: ADA, ...wanted })).rejects.toMatchObject({
      code: 'input_invalid',
    })
  })

  test('shows channels that are off, and why, but nothing secret', async () => {
    await database.pool.query(
      `insert into notification_channels (user_id, kind, address, secret, disabled_at, disabled_reason)
       select id, 'webhook', 'https://example.com', 'whsec_x', '2026-02-20T12:00:00Z', 'answered 410' from users`,
    )
    const shown = await operators.ask('users.show', { email: ADA })
    expect(shown.channels).toEqual([
      {
        kind: 'webhook',
        address: 'https://example.com',
        disabledAt: '2026-02-20T12:00:00Z',
        disabledReason: 'answered 410',
      },
    ])
  })
})

describe('a watch', () => {
  beforeEach(async () => {
    await operators.ask('watches.add', { product: ASIN, domain: 'de', target: 45 })
  })

  test('is snoozed until a day of its user’s clock, or a time, and woken before', async () => {
    await operators.ask('users.set', { timeZone: 'Pacific/Auckland' })
    expect(await operators.ask('watches.snooze', { watch: ASIN, until: '2100-07-01' })).toMatchObject({
      snoozedUntil: '2100-06-30T12:00:00Z',
      letsTargetThrough: false,
    })
    await operators.ask('watches.snooze', { watch: ASIN, until: '2100-07-01T06:00Z', letTargetThrough: true })
    expect(await operators.ask('watches.show', { watch: ASIN })).toMatchObject({
      snoozedUntil: '2100-07-01T06:00:00Z',
    })
    expect(await operators.ask('watches.unsnooze', { watch: ASIN })).toMatchObject({
      changed: true,
      snoozedUntil: null,
    })
    expect(await operators.ask('watches.unsnooze', { watch: ASIN })).toMatchObject({ changed: false })
  })

  test.each(['2020-01-01', '2100-02-30', 'tomorrow', '2100-01-01T00:00', '2100-01-01T00:00+20:00'])(
    'is not snoozed until %p',
    async (until) => {
      await expect(operators.ask('watches.snooze', { watch: ASIN, until })).rejects.toMatchObject({
        code: 'input_invalid',
      })
    },
  )
})
