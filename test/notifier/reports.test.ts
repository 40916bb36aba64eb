import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { DealUpdateProducer } from '../../lambdas/core/kafka/deal-update-producer.ts'
import { runDailyDealReports } from '../../lambdas/producers/daily-deal-report/run-daily-deal-reports.ts'
import { channel, type Notifying, notifying } from './notifying.ts'

let notifier: Notifying
let user: string
beforeEach(async () => {
  notifier = await notifying()
  const [person] = await notifier.query<{ id: string }>(
    "insert into users (email, time_zone) values ('ada@test', 'Europe/Berlin') returning id",
  )
  user = person?.id ?? ''
  await notifier.query('insert into deal_filters (user_id, min_discount) values ($1, 10)', [user])
})
afterEach(() => notifier.close())

/** A deal as the consumer leaves it: the product's price is the deal's. */
async function deal(asin: string, price: number, { hours = 1, discount = 20 } = {}): Promise<void> {
  const at = new Date(Date.now() - hours * 3_600_000).toISOString()
  await notifier.query(
    `insert into watched_products (asin, domain, title, currency, current_price, price_at)
     values ($1, 'de', $1, 'EUR', $2, $3)
     on conflict (domain, asin) do update set current_price = excluded.current_price, price_at = excluded.price_at`,
    [asin, price, at],
  )
  await notifier.query(
    `insert into deals (asin, domain, title, current_price, discount_percent, deal_at) values ($1, 'de', $1, $2, $4, $3)
     on conflict (asin, domain) do update
     set current_price = excluded.current_price, deal_at = excluded.deal_at, discount_percent = excluded.discount_percent`,
    [asin, price, at, discount],
  )
}

/** Runs the daily report, whose events go nowhere, and then the notifier. */
async function report(): Promise<void> {
  const producer = {
    connect: async () => undefined,
    sendDealUpdate: async () => ({ topic: 'deal-updates', partition: 0, offset: '0' }),
  } as unknown as DealUpdateProducer
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString: notifier.url, options: '-c role=keeper_daily_deal_report' })
  try {
    await runDailyDealReports({}, { pool, producer, log, deadlineMs: Date.now() + 60_000 })
  } finally {
    await pool.end()
  }
  await notifier.run()
}

/** All that is stored happened this long ago. */
const passed = async (hours: number) => {
  for (const change of [
    'watched_products set price_at = price_at - $1',
    'deals set deal_at = deal_at - $1',
    "deal_reports set created_at = created_at - $1, report_date = (created_at at time zone 'Europe/Berlin' - $1)::date",
    'producer_runs set finished_at = finished_at - $1',
  ]) {
    await notifier.query(`update ${change.replaceAll('$1', `interval '${hours} hours'`)}`)
  }
}

const told = async (): Promise<string[]> => {
  const rows = await notifier.query<{ asins: string }>(
    `select (select string_agg(deal #>> '{product,asin}', ' ') from jsonb_array_elements(content -> 'deals') as deal) as asins
     from messages where kind = 'report' order by id`,
  )
  return rows.map(({ asins }) => asins)
}

const [A, B, C] = ['B00000000A', 'B00000000B', 'B00000000C'] as const

describe('the daily report', () => {
  test('has what passes the filters, the most valuable first, and comes as one message with charts’ points', async () => {
    await deal(A, 20, { discount: 15 })
    await deal(B, 30, { discount: 60 })
    await deal(C, 40, { discount: 5 })
    await report()
    expect(await told()).toEqual([`${B} ${A}`])
    const [message] = await notifier.query(
      "select content, to_char(local_day, 'YYYY-MM-DD') as day from messages",
    )
    expect(message).toMatchObject({
      content: {
        kind: 'report',
        day: message?.day,
        deals: [
          { product: { asin: B, currency: 'EUR' }, price: '30.00', discountPercent: 60, points: [] },
          {},
        ],
      },
    })
    expect(notifier.service.requests).toHaveLength(1)
  })

  test('comes by e-mail where the webhook that it was for is gone', async () => {
    await channel(notifier, user)
    await deal(A, 20)
    notifier.service.answer = ({ path }) => (path === '/webhook' ? 410 : 200)
    await report()
    expect(notifier.service.requests.map(({ path }) => path)).toEqual(['/webhook', '/email'])
    expect(await told()).toEqual([A])
  })

  test('comes once a local day; what is new after it comes the next day', async () => {
    await deal(A, 20)
    await report()
    await deal(B, 20)
    await report()
    expect(await told()).toEqual([A])
    await passed(24)
    await report()
    expect(await told()).toEqual([A, B])
  })

  test('comes once where two daily runs fall on one local day, as a change of clocks makes them', async () => {
    await deal(A, 20)
    await report()
    await passed(23)
    // What the run of the other day made is of this day too, by the user's clock.
    await notifier.query("update deal_reports set report_date = (now() at time zone 'Europe/Berlin')::date")
    await deal(B, 20)
    await report()
    expect(await told()).toEqual([A])
    await passed(24)
    await report()
    expect(await told()).toEqual([A, B])
  })

  test.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago'])(
    'is of the day that it is for someone in %s',
    async (zone) => {
      await notifier.query('update users set time_zone = $1', [zone])
      await deal(A, 20)
      await report()
      const [row] = await notifier.query(
        `select report_date = (now() at time zone $1)::date as is_today, content ->> 'day' = report_date::text as is_told
       from deal_reports join messages on messages.id = message_id`,
        [zone],
      )
      expect(row).toEqual({ is_today: true, is_told: true })
    },
  )

  test('has no deal twice at one price, and again at another', async () => {
    await deal(A, 20)
    await report()
    await passed(20)
    await deal(A, 20)
    await passed(6)
    await report()
    expect(await told()).toEqual([A])
    await deal(A, 19)
    await report()
    expect(await told()).toEqual([A, A])
  })

  test.each([1, 2, 3])('after %i missed days, has what came on them while it is current', async (days) => {
    await deal(A, 20)
    await report()
    await passed(1)
    await deal(B, 20, { hours: 0 })
    await deal(C, 20, { hours: 0 })
    await passed(24 * days)
    await notifier.query("update watched_products set current_price = 25 where asin = 'B00000000C'")
    await report()
    expect(await told()).toEqual([A, B])
  })

  test('is nothing where there is nothing', async () => {
    await deal(A, 20, { discount: 5 })
    await report()
    expect(await told()).toEqual([])
    expect(await notifier.query('select from deal_reports')).toEqual([])
  })

  test('that no channel took does not count as sent', async () => {
    await deal(A, 20)
    notifier.service.answer = () => 400
    await report()
    notifier.service.answer = () => 200
    await passed(24)
    await deal(A, 20)
    await report()
    expect(await told()).toEqual([A, A])
  })

  test('waits for the end of quiet hours, and does not come to who has left reports', async () => {
    await deal(A, 20)
    await notifier.query(
      `update users set quiet_from = (now() at time zone 'Europe/Berlin' - interval '1 hour')::time,
         quiet_until = (now() at time zone 'Europe/Berlin' + interval '1 hour')::time`,
    )
    await report()
    expect(await told()).toEqual([])
    await notifier.query('update users set quiet_from = null, quiet_until = null')
    await notifier.query("insert into left_kinds (user_id, kind) values ($1, 'report')", [user])
    await notifier.run()
    expect(await told()).toEqual([])
    await notifier.query('delete from left_kinds')
    await notifier.run()
    expect(await told()).toEqual([A])
  })

  test('of a time before the notifier ran for a user is not told', async () => {
    await deal(A, 20)
    await notifier.query("update users set notify_from = now() + interval '1 hour'")
    await report()
    expect(await told()).toEqual([])
  })
})
