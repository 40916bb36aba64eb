import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Notifying, notifying } from './notifying.ts'

let notifier: Notifying
beforeEach(async () => {
  notifier = await notifying()
})
afterEach(() => notifier.close())

let made = 0
/** A watch of a product with these columns, of a user or a new one. */
async function watch(product: Readonly<Record<string, unknown>>, userId?: string, status = 'ACTIVE') {
  made += 1
  const columns = Object.keys(product)
  const [person] = userId
    ? [{ id: userId }]
    : await notifier.query<{ id: string }>('insert into users (email) values ($1) returning id', [
        `p${made}@test`,
      ])
  const [row] = await notifier.query<{ id: string }>(
    `insert into watched_products (${['asin', 'domain', 'title', 'currency', ...columns].join(', ')})
     values ($1, 'de', 'Keyboard', 'EUR'${columns.map((_, index) => `, $${index + 2}`).join('')}) returning id`,
    [`N${String(made).padStart(9, '0')}`, ...Object.values(product)],
  )
  await notifier.query(
    'insert into watches (user_id, product_id, target_price, status) values ($1, $2, 45, $3)',
    [person?.id, row?.id, status],
  )
  return { productId: row?.id ?? '', userId: person?.id ?? '' }
}

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
const told = async () =>
  (
    await notifier.query<{ reason: string }>(
      "select content ->> 'reason' as reason from messages where kind = 'notice' order by id",
    )
  ).map(({ reason }) => reason)

describe('a watch that cannot fire', () => {
  test.each([
    ['an ASIN of no product', { keepa_problem: 'invalid', keepa_problem_since: daysAgo(0) }, ['invalid']],
    [
      'a product that another one has replaced',
      { keepa_problem: 'redirected', keepa_problem_since: daysAgo(0), redirected_to: 'B000000001' },
      ['redirected'],
    ],
    ['an e-book', { keepa_problem: 'e-book', keepa_problem_since: daysAgo(0) }, ['invalid']],
    [
      'a product that one answer left out',
      { keepa_problem: 'unanswered', keepa_problem_since: daysAgo(1) },
      [],
    ],
    [
      'one that all answers leave out',
      { keepa_problem: 'unanswered', keepa_problem_since: daysAgo(8) },
      ['invalid'],
    ],
    ['a product that is sold out', { unavailable_since: daysAgo(29) }, []],
    ['a product that has been gone for 30 days', { unavailable_since: daysAgo(31) }, ['gone']],
    ['a product with a price', {}, []],
  ])('for %s', async (_, product, expected) => {
    await watch(product)
    await notifier.run()
    expect(await told()).toEqual(expected)
    expect(notifier.service.requests).toHaveLength(expected.length)
  })

  test('is told once, with what its message needs, and again only after the product had a price', async () => {
    const since = daysAgo(40)
    const { productId } = await watch({ unavailable_since: since, price_at: daysAgo(41) })
    // The message has the marketplace's currency, whatever the row says.
    await notifier.query("update watched_products set currency = 'USD'")
    await notifier.run()
    await notifier.run()
    expect(await notifier.query('select kind, content from messages')).toEqual([
      {
        kind: 'notice',
        content: {
          kind: 'notice',
          watchId: expect.stringMatching(/^\d+$/),
          reason: 'gone',
          since: `${since.slice(0, 19)}Z`,
          redirectedTo: null,
          product: { asin: expect.any(String), domain: 'de', title: 'Keyboard', currency: 'EUR' },
        },
      },
    ])
    // An answer without the problem is no recovery, a price is.
    for (const [change, count] of [
      ['unavailable_since = null', 1],
      ["unavailable_since = now() - interval '31 days'", 1],
      ['unavailable_since = null, price_at = now()', 1],
      ["unavailable_since = now() - interval '31 days'", 2],
    ] as const) {
      await notifier.query(`update watched_products set ${change} where id = $1`, [productId])
      await notifier.run()
      expect([change, await told()]).toEqual([change, Array(count).fill('gone')])
    }
  })

  test('is not told of a paused watch, nor to who has left notices or sleeps', async () => {
    const problem = { keepa_problem: 'invalid', keepa_problem_since: daysAgo(0) }
    await watch(problem, undefined, 'PAUSED')
    const left = await watch(problem)
    await notifier.query("insert into left_kinds (user_id, kind) values ($1, 'notice')", [left.userId])
    const asleep = await watch(problem)
    await notifier.query(
      "update users set quiet_from = (now() - interval '1 hour')::time, quiet_until = (now() + interval '1 hour')::time where id = $1",
      [asleep.userId],
    )
    await notifier.run()
    expect(await told()).toEqual([])
    await notifier.query('update users set quiet_from = null, quiet_until = null')
    await notifier.run()
    expect(await told()).toEqual(['invalid'])
  })

  test('is told with five others a day at most', async () => {
    const problem = { keepa_problem: 'invalid', keepa_problem_since: daysAgo(0) }
    const { userId } = await watch(problem)
    for (let i = 0; i < 6; i += 1) await watch(problem, userId)
    await notifier.run()
    await notifier.run()
    expect(await told()).toHaveLength(5)
    await notifier.query('update messages set local_day = local_day - 1')
    await notifier.run()
    expect(await told()).toHaveLength(7)
  })
})
