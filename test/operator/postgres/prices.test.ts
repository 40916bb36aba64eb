import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { dealConsumer } from '../../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { PAGE_ROWS } from '../../../lambdas/operator/postgres/page.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { dealEvent, priceEvent } from '../../helpers/msk-events.ts'
import { watch } from '../../helpers/tables.ts'
import { type Operators, operatorsOf } from '../operators.ts'

const ASIN = 'B07W6JN8V8'
const DAY_MS = 86_400_000
const NOW = Date.now()
const ago = (days: number) => new Date(NOW - days * DAY_MS).toISOString().slice(0, 19)

let database: FreshDatabase
let operators: Operators
beforeAll(async () => {
  database = await freshDatabase()
  operators = operatorsOf(database.url)
  await watch(database.pool, {}, 45)
  await consumeRecords(
    database.pool,
    priceConsumer,
    [
      { current_price: 10, timestamp: ago(200) },
      { current_price: 60, timestamp: ago(100) },
      { current_price: 50, timestamp: ago(80) },
      { current_price: 44, timestamp: ago(40) },
      { current_price: 55, timestamp: ago(39) },
      { current_price: 1, timestamp: '2099-01-01T00:00:00' },
    ].map((fields) => ({ value: priceEvent(fields), key: ASIN })),
  )
  await consumeRecords(
    database.pool,
    dealConsumer,
    [
      { current_price: 49, discount_percent: 30, timestamp: ago(20) },
      { asin: 'B000000001', discount_percent: 60, rating: 3, domain: 'com' },
      { asin: 'B000000002', discount_percent: null, current_price: 5 },
      { asin: 'B000000003', discount_percent: 30, rating: 5, product_title: '\u001b[31mRed' },
    ].map((fields) => ({ value: dealEvent(fields) })),
  )
})
afterAll(async () => {
  await operators.close()
  await database.drop()
})

describe('prices', () => {
  test('are now, lowest, highest and median by time, with the one in force at the beginning', async () => {
    const shown = await operators.ask('prices.show', { product: ASIN, days: 90 })
    expect(shown).toMatchObject({
      ...{ asin: ASIN, domain: 'de', title: 'Logitech K380', currency: 'EUR' },
      statistics: {
        now: { at: `${ago(20)}Z`, price: '49.00' },
        lowest: { at: `${ago(40)}Z`, price: '44.00' },
        highest: { at: `${ago(100)}Z`, price: '60.00' },
        median: '50.00',
      },
    })
  })

  test('are listed from the one in force at the beginning, page by page', async () => {
    const { rows } = await operators.ask('prices.list', { product: `https://amazon.de/dp/${ASIN}`, days: 50 })
    expect(rows[0]).toMatchObject({ topic: 'price-updates', partition: 0, offset: '2' })
    expect(rows.map(({ price, source }) => [price, source])).toEqual([
      ['50.00', 'kafka_prices'],
      ['44.00', 'kafka_prices'],
      ['55.00', 'kafka_prices'],
      ['49.00', 'kafka_deals'],
    ])
    await watch(database.pool, { asin: 'B000000009' }, null)
    await database.pool.query(
      `insert into price_history (product_id, recorded_at, source, price, topic, partition, "offset")
       select id, now() - n * interval '1.5 seconds', 'kafka_prices', n, 't', 0, n
       from watched_products, generate_series(1, ${PAGE_ROWS + 10}) as n where asin = 'B000000009'`,
    )
    const prices: (string | null)[] = []
    for (let cursor: object | null | undefined; cursor !== null; ) {
      const page = await operators.ask('prices.list', { product: 'B000000009', ...(cursor && { cursor }) })
      prices.push(...page.rows.map(({ price }) => price))
      cursor = page.next
    }
    expect(prices).toEqual(Array.from({ length: PAGE_ROWS + 10 }, (_, n) => `${PAGE_ROWS + 10 - n}.00`))
  })

  test('have gaps between them, which are listed and count for nothing', async () => {
    const gone = { asin: 'B000000007' }
    await watch(database.pool, gone, null)
    await consumeRecords(
      database.pool,
      priceConsumer,
      [
        { current_price: 50, timestamp: ago(20) },
        { current_price: null, timestamp: ago(18) },
        { current_price: 40, timestamp: ago(3) },
        { current_price: null, timestamp: ago(2) },
      ].map((fields) => ({ value: priceEvent({ ...gone, ...fields }), key: gone.asin })),
    )
    const shown = await operators.ask('prices.show', { product: gone.asin, days: 30 })
    expect(shown).toMatchObject({
      ...{ prices: 2, gaps: 2, unavailableSince: `${ago(2)}Z` },
      statistics: { now: { price: '40.00' }, median: '50.00' },
    })
    const { rows } = await operators.ask('prices.list', { product: gone.asin, days: 10 })
    expect(rows.map(({ at, price }) => [at, price])).toEqual([
      [`${ago(18)}Z`, null],
      [`${ago(3)}Z`, '40.00'],
      [`${ago(2)}Z`, null],
    ])
  })

  test('of what was not seen within the days are none', async () => {
    await watch(database.pool, { asin: 'B000000008' }, 4)
    expect(await operators.ask('prices.show', { product: 'B000000008' })).toMatchObject({ statistics: null })
    await expect(operators.ask('prices.show', { product: ASIN, days: 0 })).rejects.toThrow(
      'days is at least 1',
    )
  })
})

describe("a product's page", () => {
  test('has each marketplace with its watches, its alerts, and how many prices and gaps there are', async () => {
    const both = { asin: 'B000000006' }
    await watch(database.pool, { ...both, domain: 'co.uk', currency: 'GBP' }, 30)
    await watch(database.pool, both, 45)
    const seen = [50, 44, null].map((current_price, day) => ({
      ...both,
      current_price,
      timestamp: ago(9 - day),
    }))
    await consumeRecords(
      database.pool,
      priceConsumer,
      seen.map((fields) => ({ value: priceEvent(fields), key: both.asin })),
    )
    const { asin, marketplaces } = await operators.ask('products.show', { product: both.asin })
    expect([asin, marketplaces]).toMatchObject([
      both.asin,
      [
        { domain: 'co.uk', currency: 'GBP', observations: 0, watches: [{ target: '30.00' }], alerts: [] },
        {
          ...{ domain: 'de', price: '44.00', observations: 3, unavailableSince: `${ago(7)}Z` },
          ...{ watches: [{ target: '45.00' }], alerts: [{ price: '44.00' }] },
        },
      ],
    ])
    await database.pool.query('delete from watched_products where asin = $1', [both.asin])
    await expect(operators.ask('products.show', { product: 'B07W6JN8V9' })).rejects.toThrow('ASINs near it')
  })

  test('has all prices as a chart takes them, without a time that cannot be, and the shape of a month for lists', async () => {
    const chart = await operators.ask('prices.chart', { product: ASIN, domain: 'de' })
    expect(chart.price).toEqual([10, 60, 50, 44, 55, 49])
    expect(chart.at.map((at) => new Date(at * 1_000).toISOString().slice(0, 19))).toEqual(
      [200, 100, 80, 40, 39, 20].map(ago),
    )
    const { marketplaces } = await operators.ask('products.show', { product: ASIN })
    const [spark] = await operators.ask('prices.sparks', { products: [marketplaces.at(-1)?.id] })
    expect(spark?.price).toEqual([55, 49])
  })

  test.each([
    [
      'that was gone before the month began',
      [
        [80, 40],
        [60, null],
      ],
      [null],
    ],
    [
      'that was offered again before it',
      [
        [80, null],
        [60, 40],
      ],
      [40],
    ],
    [
      'that was gone years ago',
      [
        [900, 40],
        [800, null],
      ],
      [null],
    ],
    [
      'that came again years ago',
      [
        [900, null],
        [800, 40],
      ],
      [40],
    ],
    [
      'that was gone before the month, and came again in it',
      [
        [60, 40],
        [50, null],
        [10, 45],
      ],
      [null, 45],
    ],
    [
      'that was gone and had a price at one time',
      [
        [60, null],
        [60, 40],
      ],
      [40],
    ],
  ] as const)('has the month’s shape of a product %s', async (_, seen, expected) => {
    const asin = 'B000000005'
    await watch(database.pool, { asin }, 45)
    const records = seen.map(([days, current_price]) => ({
      value: priceEvent({ asin, current_price, timestamp: ago(days) }),
      key: asin,
    }))
    await consumeRecords(database.pool, priceConsumer, records)
    const { marketplaces } = await operators.ask('products.show', { product: asin })
    const [spark] = await operators.ask('prices.sparks', { products: [marketplaces[0]?.id] })
    await database.pool.query('delete from watched_products where asin = $1', [asin])
    expect(spark?.price).toEqual(expected)
  })

  test('leads from a price to its record, and from the record to its rows', async () => {
    const at = Date.parse(`${ago(40)}Z`) / 1_000
    const records = await operators.ask('prices.records', { product: ASIN, domain: 'de', at })
    expect(records).toMatchObject([{ price: '44.00', topic: 'price-updates', partition: 0, offset: '3' }])
    const place = { topic: 'price-updates', partition: 0, offset: '3' }
    const named = { product: ASIN, domain: 'de' }
    expect(await operators.ask('records.rows', { ...place, ...named })).toEqual({
      ...{ asin: ASIN, domain: 'de', rejected: null, rows: records },
    })
    expect(await operators.ask('records.rows', place)).toMatchObject({ rows: [] })
  })
})

describe('a search over everything', () => {
  test('finds products, deals and users that hold every word, taken as they are written', async () => {
    const found = await operators.ask('find.anything', { text: 'logitech 8V8 de' })
    expect(found).toMatchObject({
      products: [{ asin: ASIN, domain: 'de' }],
      deals: [{ asin: ASIN }],
      users: [],
    })
    expect(await operators.ask('find.anything', { text: 'b00%' })).toMatchObject({ products: [], deals: [] })
    expect((await operators.ask('find.anything', { text: '@test' })).users).not.toEqual([])
    expect((await operators.ask('find.anything', { text: ' ' })).users).toEqual([])
  })
})

describe('alerts', () => {
  test('are listed by status and user, the newest first, and shown', async () => {
    const { rows } = await operators.ask('alerts.list')
    expect(rows).toMatchObject([
      { asin: ASIN, price: '10.00', target: '45.00', status: 'PENDING', message: null, reason: null },
    ])
    expect((await operators.ask('alerts.list', { status: 'SENT' })).rows).toEqual([])
    expect((await operators.ask('alerts.list', { user: rows[0]?.user ?? '' })).rows).toHaveLength(1)
    expect(await operators.ask('alerts.show', { id: rows[0]?.id })).toEqual(rows[0])
    await expect(operators.ask('alerts.show', { id: 77 })).rejects.toMatchObject({
      message: `There is no alert 77; ids near it: ${rows[0]?.id}.`,
    })
    await expect(operators.ask('alerts.list', { status: 'NEW' })).rejects.toThrow(
      'PENDING, SENT, FAILED, SUPERSEDED',
    )
  })
})

describe('deals', () => {
  const found = async (input: object) =>
    (await operators.ask('deals.list', input)).rows.map(({ asin }) => asin.slice(-1))

  test.each([
    [{}, ['1', '8', '3', '2']],
    [{ domain: 'com' }, ['1']],
    [{ minDiscount: 31 }, ['1']],
    [{ maxPrice: '49,00' }, ['8', '2']],
    [{ minRating: 4 }, ['8', '3', '2']],
    [{ cursor: { discount: '30.00', asin: ASIN, domain: 'de' } }, ['3', '2']],
  ])('limited by %j are those, the largest discount first', async (input, asins) => {
    expect(await found(input)).toEqual(asins)
  })
})

describe('filters and reports', () => {
  test('are added once, listed and removed', async () => {
    const { email } = await operators.ask('users.add', { email: 'ada@example.com' })
    const wanted = {
      user: email,
      domain: 'DE',
      minDiscount: 30.5,
      maxPrice: '1.000,50',
      titleContains: ' 100%_ ',
    }
    const filter = { ...wanted, domain: 'de', maxPrice: '1000.50', minRating: null, titleContains: '100%_' }
    expect(await operators.ask('filters.add', wanted)).toMatchObject({ ...filter, created: true })
    expect(await operators.ask('filters.add', wanted)).toMatchObject({ ...filter, created: false })
    expect(await operators.ask('filters.add', { user: email })).toMatchObject({ created: true, domain: null })
    expect(await operators.ask('filters.add', { user: email })).toMatchObject({ created: false })
    const { rows } = await operators.ask('filters.list', { user: email })
    expect(rows).toHaveLength(2)
    await operators.ask('filters.remove', { id: rows[0]?.id })
    await expect(operators.ask('filters.remove', { id: rows[0]?.id })).rejects.toMatchObject({
      message: `There is no filter ${rows[0]?.id}; ids near it: ${rows[1]?.id}.`,
    })
  })

  test("show a user's newest report, or that of a day", async () => {
    await operators.ask('users.add', { email: 'bob@example.com' })
    const ask = (input: object) => operators.ask('reports.show', { user: 'bob@example.com', ...input })
    await expect(ask({})).rejects.toThrow('bob@example.com has no report; the daily deal report covers users')
    await database.pool.query(
      `insert into deal_reports (user_id, report_date, deals)
       select id, day, '[]' from users, unnest('{2026-02-19,2026-02-20}'::date[]) as day where email = 'bob@example.com'`,
    )
    expect(await ask({})).toMatchObject({ user: 'bob@example.com', date: '2026-02-20', deals: [] })
    expect(await ask({ date: '2026-02-19' })).toMatchObject({ date: '2026-02-19' })
    await expect(ask({ date: '2026-02-18' })).rejects.toThrow('there are reports of 2026-02-20, 2026-02-19')
    await expect(ask({ date: 'today' })).rejects.toThrow('write a day like 2026-02-20')
    await expect(ask({ date: '2026-02-31' })).rejects.toMatchObject({
      ...{ code: 'input_invalid', message: expect.stringContaining('there is no day 2026-02-31') },
    })
    await expect(ask({ date: '0000-01-01' })).rejects.toThrow('there is no day 0000-01-01')
  })
})
