import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { priceEvent } from '../../helpers/msk-events.ts'
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

const ADA = 'ada@example.com'
const BOB = 'bob@example.com'
const ASIN = 'B07W6JN8V8'

const targets = async () => {
  const { rows } = await operators.ask('watches.list')
  return rows.map(({ user, asin, domain, target, status }) => [user, asin, domain, target, status])
}

describe('users', () => {
  test('are added once, whatever their case', async () => {
    expect(await operators.ask('users.add', { email: ' Ada@example.com ' })).toEqual({
      email: 'Ada@example.com',
      created: true,
    })
    expect(await operators.ask('users.add', { email: ADA })).toEqual({
      email: 'Ada@example.com',
      created: false,
    })
    expect((await operators.ask('users.list')).rows).toMatchObject([{ email: 'Ada@example.com', watches: 0 }])
  })

  test.each(['ada', 'ada@', 'a b@example.com', '<ada@example.com>', 'ada@example'])(
    'are not made of %p',
    async (email) => {
      await expect(operators.ask('users.add', { email })).rejects.toMatchObject({ code: 'input_invalid' })
    },
  )

  test('are removed with all of theirs, and nothing of others', async () => {
    for (const email of [ADA, BOB]) {
      await operators.ask('users.add', { email })
      await operators.ask('watches.add', { product: ASIN, domain: 'de', target: 45, user: email })
    }
    await database.pool.query(
      "insert into deal_reports (user_id, report_date, deals) select id, now(), '[]' from users",
    )
    await database.pool.query('insert into deal_filters (user_id) select id from users')
    expect(await operators.ask('users.remove', { email: 'ADA@example.com' })).toEqual({ email: ADA })
    expect((await operators.ask('users.list')).rows).toMatchObject([
      { email: BOB, watches: 1, filters: 1, reports: 1 },
    ])
    await expect(operators.ask('users.remove', { email: ADA })).rejects.toMatchObject({
      code: 'no_such_user',
      message: expect.stringContaining(BOB),
    })
  })
})

describe('a watch', () => {
  test('needs no user where there is one, and asks with the choices where there are more', async () => {
    await expect(operators.ask('watches.add', { product: ASIN })).rejects.toMatchObject({ code: 'no_users' })
    await operators.ask('users.add', { email: ADA })
    await operators.ask('watches.add', { product: ASIN, target: 45 })
    await operators.ask('users.add', { email: BOB })
    await expect(operators.ask('watches.add', { product: ASIN, target: 45 })).rejects.toMatchObject({
      code: 'user_ambiguous',
      message: `Whose? --user (or KEEPER_USER) takes one of ${ADA}, ${BOB}.`,
    })
    expect(await targets()).toEqual([[ADA, ASIN, 'de', '45.00', 'ACTIVE']])
  })

  test('is added once, and gets the last target', async () => {
    await operators.ask('users.add', { email: ADA })
    const add = (input: object) =>
      operators.ask('watches.add', {
        product: 'https://www.amazon.co.uk/Keyboard/dp/B07W6JN8V8?th=1',
        ...input,
      })
    expect(await add({ target: '44,99' })).toMatchObject({ created: true, currency: 'GBP', target: '44.99' })
    expect(await add({ target: '44.99' })).toMatchObject({ created: false, changed: false })
    expect(await add({})).toMatchObject({ created: false, changed: false, target: '44.99' })
    expect(await add({ target: '40' })).toMatchObject({ created: false, changed: true, target: '40.00' })
    await operators.ask('watches.pause', { watch: ASIN })
    expect(await add({})).toMatchObject({ changed: true, status: 'ACTIVE', target: '40.00' })
    expect(await add({ target: 0 })).toMatchObject({ changed: true, target: null })
  })

  test('says what target would be met, where the one given never was', async () => {
    await operators.ask('users.add', { email: ADA })
    await operators.ask('watches.add', { product: ASIN, target: 45 })
    await consumeRecords(database.pool, priceConsumer, [
      { value: priceEvent({ current_price: 39.99 }), key: ASIN },
      { value: priceEvent({ current_price: 1, timestamp: '2099-01-01T00:00:00' }), key: ASIN },
    ])
    expect((await operators.ask('watches.target', { watch: ASIN, target: '39.98' })).hint).toEqual({
      lowest: '39.99',
      suggestion: '41.99',
    })
    expect((await operators.ask('watches.add', { product: ASIN, target: '39.99' })).hint).toBeNull()
    const shown = await operators.ask('watches.show', { watch: ASIN })
    expect(shown).toMatchObject({
      price: '39.99',
      lowest: '39.99',
      alerts: [{ price: '39.99', status: 'PENDING' }],
    })
  })

  test('is paused, resumed and removed by ASIN, address or id; a repeated call changes nothing', async () => {
    await operators.ask('users.add', { email: ADA })
    const { id } = await operators.ask('watches.add', { product: ASIN, target: 45 })
    const address = `amazon.de/gp/product/${ASIN}`
    expect(await operators.ask('watches.pause', { watch: id })).toMatchObject({
      status: 'PAUSED',
      changed: true,
    })
    expect(await operators.ask('watches.pause', { watch: address })).toMatchObject({ changed: false })
    expect(await operators.ask('watches.resume', { watch: ASIN })).toMatchObject({
      status: 'ACTIVE',
      changed: true,
    })
    await operators.ask('watches.remove', { watch: ASIN })
    expect(await targets()).toEqual([])
  })

  test('that is not there is refused with those near it', async () => {
    for (const email of [ADA, BOB]) {
      await operators.ask('users.add', { email })
      await operators.ask('watches.add', { product: ASIN, domain: 'de', user: email })
    }
    const refused = (watch: string, more = {}) =>
      operators.ask('watches.show', { watch, ...more }).catch(({ code, message }) => [code, message])
    expect(await refused('B07W6JN8V9')).toEqual([
      'no_such_product',
      `Keeper has no product B07W6JN8V9; ASINs near it: ${ASIN}.`,
    ])
    expect(await refused(ASIN, { domain: 'fr' })).toEqual([
      'no_such_product',
      `Keeper has no ${ASIN} of fr; it has it of de.`,
    ])
    expect(await refused('99')).toEqual(['no_such_watch', expect.stringContaining(`2 (${ASIN} de, ${BOB})`)])
    expect(await refused(ASIN)).toEqual([
      'watch_ambiguous',
      expect.stringContaining(`1 (de, ${ADA}), 2 (de, ${BOB})`),
    ])
    expect(await operators.ask('watches.show', { watch: ASIN, user: 'BOB@example.com' })).toMatchObject({
      id: '2',
    })
    await operators.ask('watches.add', { product: ASIN, domain: 'fr', user: BOB })
    expect(await operators.ask('watches.show', { watch: ASIN, user: ADA })).toMatchObject({ domain: 'de' })
    expect(await refused(ASIN, { user: 'eve@example.com' })).toEqual(['no_such_user', expect.anything()])
    await operators.ask('users.add', { email: 'eve@example.com' })
    expect(await refused(ASIN, { user: 'eve@example.com' })).toEqual([
      'no_such_watch',
      expect.stringContaining(
        `There is no watch ${ASIN} of eve@example.com; there are 1 (${ASIN} de, ${ADA})`,
      ),
    ])
  })
})

describe('many watches', () => {
  const titles = ['Keyboard 100%', 'Keyboard', 'Mouse']
  beforeEach(async () => {
    // Some with a digit more than others.
    await database.pool.query("select setval(pg_get_serial_sequence('watches', 'id'), 97)")
    await operators.ask('users.add', { email: ADA })
    for (const [index, title] of titles.entries()) {
      await operators.ask('watches.add', { product: `B00000000${index}`, domain: 'de' })
      await database.pool.query('update watched_products set title = $1 where asin = $2', [
        title,
        `B00000000${index}`,
      ])
    }
  })
  const search = async (input: object) => {
    const { total, rows } = await operators.ask('watches.search', input)
    return [total, rows.map(({ title }) => title)]
  }

  test('are searched by words and status, and read from any place on', async () => {
    expect(await search({})).toEqual([3, ['Mouse', 'Keyboard', 'Keyboard 100%']])
    expect(await search({ from: 1, most: 1 })).toEqual([3, ['Keyboard']])
    expect(await search({ text: 'KEY ada' })).toEqual([2, ['Keyboard', 'Keyboard 100%']])
    expect(await search({ text: 'ada' })).toEqual([3, ['Mouse', 'Keyboard', 'Keyboard 100%']])
    expect(await search({ text: '100%' })).toEqual([1, ['Keyboard 100%']])
    expect(await search({ text: 'de B000000002' })).toEqual([1, ['Mouse']])
    expect(await search({ text: 'nobody' })).toEqual([0, []])
    expect(await search({ status: 'PAUSED' })).toEqual([0, []])
  })

  test('are paused, resumed, snoozed and removed together, named or all that match', async () => {
    const { rows } = await operators.ask('watches.search', {})
    const ids = rows.map(({ id }) => id)
    const change = (input: object) => operators.ask('watches.change', input)
    expect(await change({ change: 'pause', watches: ids.slice(0, 2) })).toEqual({ changed: 2, next: null })
    expect(await change({ change: 'pause', matching: {} })).toEqual({ changed: 1, next: null })
    expect(await change({ change: 'resume', matching: { text: 'keyboard' } })).toMatchObject({ changed: 2 })
    expect(await search({ status: 'PAUSED' })).toEqual([1, ['Mouse']])
    expect(await change({ change: 'snooze', until: '2099-01-01', watches: ids })).toMatchObject({
      changed: 3,
    })
    expect((await operators.ask('watches.search', {})).rows[0]?.snoozedUntil).toMatch(/^2099/)
    expect(await change({ change: 'unsnooze', matching: {} })).toMatchObject({ changed: 3 })
    expect(await change({ change: 'remove', matching: { text: 'mouse' } })).toMatchObject({ changed: 1 })
    expect(await targets()).toHaveLength(2)
  })

  test('are left alone by what is half said, or over', async () => {
    for (const input of [
      { change: 'pause' },
      { change: 'snooze', matching: {} },
      { change: 'snooze', matching: {}, until: '2020-01-01' },
      { change: 'remove', matching: {}, watches: ['1'] },
    ]) {
      await expect(operators.ask('watches.change', input)).rejects.toMatchObject({ code: 'input_invalid' })
    }
    expect(await targets()).toHaveLength(3)
  })
})

describe('an import', () => {
  const row = (line: number, fields: object) => ({ line, product: ASIN, ...fields })

  test('makes all watches of a file, and none the second time', async () => {
    for (const email of [ADA, BOB]) await operators.ask('users.add', { email })
    const rows = [
      row(2, { domain: 'de', target: '44,99', user: ADA }),
      row(3, { domain: 'co.uk', target: '', user: BOB, status: 'paused' }),
      row(4, { product: 'https://www.amazon.com/dp/B000000001', target: '1.234,50' }),
    ]
    const ask = () => operators.ask('watches.import', { rows, user: BOB })
    expect(await ask()).toEqual({ rows: 3, created: 3, changed: 0, unchanged: 0 })
    expect(await targets()).toEqual(
      expect.arrayContaining([
        [ADA, ASIN, 'de', '44.99', 'ACTIVE'],
        [BOB, ASIN, 'co.uk', null, 'PAUSED'],
        [BOB, 'B000000001', 'com', '1234.50', 'ACTIVE'],
      ]),
    )
    expect(await ask()).toEqual({ rows: 3, created: 0, changed: 0, unchanged: 3 })
  })

  test('with errors names every line and makes nothing', async () => {
    await operators.ask('users.add', { email: ADA })
    const rows = [
      row(2, { domain: 'de' }),
      row(3, { domain: 'xx' }),
      row(4, { target: '1.234' }),
      row(5, { user: BOB }),
      row(6, { status: 'GONE' }),
      row(7, { product: 'https://amzn.to/x' }),
      row(8, { domain: 'de', target: '9' }),
    ]
    const error = await operators.ask('watches.import', { rows }).catch((thrown: Error) => thrown)
    const { message } = error as Error
    expect(message.split('\n').map((line) => line.slice(0, 20))).toEqual([
      'Nothing was imported',
      'line 3: "xx" is not ',
      'line 4: "1.234" is n',
      'line 5: There is no ',
      'line 6: "GONE" is no',
      'line 7: amzn.to is a',
      'line 8: B07W6JN8V8 o',
    ])
    expect(await targets()).toEqual([])
    expect((await database.pool.query('select from watched_products')).rowCount).toBe(0)
  })
})

describe('a target that is computed from prices', () => {
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19)
  const seen = (...prices: readonly (readonly [days: number, price: number])[]) =>
    consumeRecords(
      database.pool,
      priceConsumer,
      prices.map(([days, current_price]) => ({
        value: priceEvent({ current_price, timestamp: ago(days) }),
        key: ASIN,
      })),
    )
  beforeEach(async () => {
    await operators.ask('users.add', { email: ADA })
    await operators.ask('watches.add', { product: ASIN, domain: 'de' })
  })

  test('is so much below the median of 90 days', async () => {
    await seen([80, 60], [30, 50], [25, 60])
    expect(await operators.ask('watches.target', { watch: ASIN, drop: '15%' })).toMatchObject({
      ...{ target: '51.00', changed: true, hint: null },
      from: { what: 'median', price: '60.00', days: 90 },
    })
  })

  test('is below the lowest price of some days, so that its alert is too', async () => {
    await seen([100, 30], [80, 60], [30, 50], [25, 60])
    const { target, from } = await operators.ask('watches.target', { watch: ASIN, belowLowest: '60d' })
    expect(from).toEqual({ what: 'lowest', price: '50.00', days: 60 })
    await seen([3, 50], [2, 49.99])
    expect(Number(target) * 1.01).toBeLessThan(50)
    const { alerts } = await operators.ask('watches.show', { watch: ASIN })
    expect(alerts.map(({ price }) => price)).toEqual(['49.99'])
  })

  test('takes enough history, and says how much there is', async () => {
    await expect(operators.ask('watches.target', { watch: ASIN, drop: '15' })).rejects.toThrow(
      `Of ${ASIN} there are prices of 0 days, and that takes 7: set a target in money.`,
    )
    await seen([30, 50])
    await expect(operators.ask('watches.target', { watch: ASIN, belowLowest: '90d' })).rejects.toThrow(
      `Of ${ASIN} there are prices of 30 days, and that takes 90: say --below-lowest 30d, or set a target in money.`,
    )
  })

  test.each([
    { drop: '100%' },
    { drop: '0' },
    { belowLowest: '-5d' },
    { belowLowest: 'x' },
    { drop: '5', target: 4 },
    {},
  ])('is refused for %j', async (rule) => {
    await expect(operators.ask('watches.target', { watch: ASIN, ...rule })).rejects.toMatchObject({
      code: 'bad_target',
    })
  })
})
