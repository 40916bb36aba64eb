import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import pg from 'pg'
import { dealConsumer } from '../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { DealUpdateProducer } from '../../lambdas/core/kafka/deal-update-producer.ts'
import { PriceUpdateProducer } from '../../lambdas/core/kafka/price-update-producer.ts'
import { runDailyDealReports } from '../../lambdas/producers/daily-deal-report/run-daily-deal-reports.ts'
import { collectDeals } from '../../lambdas/producers/deal-collector/collect-deals.ts'
import { runHistoryImport } from '../../lambdas/producers/history-import/run-history-import.ts'
import { runPriceCheck } from '../../lambdas/producers/price-check/run-price-check.ts'
import { type Market, startMarket } from '../../local/market/market.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import { dealEvent } from '../helpers/msk-events.ts'
import { watch } from '../helpers/tables.ts'
import { asin, closeProducers, inMinutes, keepaOf, listener, topicProducer } from './producing.ts'

let kafka: TestKafka
let market: Market
let database: FreshDatabase
let topic: string
let pool: pg.Pool
beforeAll(async () => {
  kafka = await testKafka()
  market = await startMarket({ catalogueSize: 90, dealsEnabled: false })
  topic = await kafka.freshTopic('events')
})
afterAll(async () => {
  await Promise.all([kafka.close(), market.close()])
})
beforeEach(async () => {
  database = await freshDatabase()
  await watch(database.pool, {}, 45)
  // The market does not have it: the price check remembers that.
  await watch(database.pool, { asin: asin(1) }, 45)
  await consumeRecords(database.pool, dealConsumer, [
    { value: dealEvent({ timestamp: new Date().toISOString() }) },
  ])
  await database.pool.query('insert into deal_filters (user_id) select id from users')
})
afterEach(async () => {
  await closeProducers()
  await pool.end()
  await database.drop()
})

/** What a producer works with, as its database user. */
function dependenciesAs(role: string) {
  pool = new pg.Pool({ connectionString: database.url, max: 1, options: `-c role=${role}` })
  const { log } = listener()
  return {
    pool,
    keepa: keepaOf(market.url),
    log,
    deadlineMs: inMinutes(10),
    topic: topicProducer(kafka, topic),
  }
}

const runs = {
  keeper_price_check: (input: object) => {
    const { topic, ...dependencies } = dependenciesAs('keeper_price_check')
    return runPriceCheck(input, { ...dependencies, producer: new PriceUpdateProducer(topic) })
  },
  keeper_history_import: (input: object) => {
    const { topic, keepa, ...dependencies } = dependenciesAs('keeper_history_import')
    return runHistoryImport(input, {
      ...dependencies,
      keepa: async () => keepa,
      historyYears: 3,
      producer: new PriceUpdateProducer(topic),
    })
  },
  keeper_deal_collector: (input: object) => {
    const { topic, ...dependencies } = dependenciesAs('keeper_deal_collector')
    return collectDeals(input, { ...dependencies, domains: ['de'], producer: new DealUpdateProducer(topic) })
  },
  keeper_daily_deal_report: (input: object) => {
    const { topic, ...dependencies } = dependenciesAs('keeper_daily_deal_report')
    return runDailyDealReports(input, { ...dependencies, producer: new DealUpdateProducer(topic) })
  },
}
const ROLES = Object.keys(runs) as (keyof typeof runs)[]

test.each(ROLES)('%s may do all that its producer does, twice', async (role) => {
  const scheduledTime = '2026-02-20T12:00:00Z'
  expect(await runs[role]({ scheduledTime })).toMatchObject({ end: 'finished', notSent: [], notChecked: [] })
  await pool.end()
  expect(await runs[role]({ scheduledTime })).toEqual({ skipped: 'already-done' })
  await pool.end()
  expect(await runs[role]({})).toMatchObject({ end: 'finished' })
})

const FORBIDDEN = [
  'update watched_products set current_price = 1',
  "update watched_products set domain = 'com'",
  'insert into price_history select product_id, now(), source, 1, null, topic, 0, 0 from price_history',
  'delete from price_history',
  `insert into price_alerts (watch_id, triggered_price, target_price, triggered_at) values (1, 1, 1, now())`,
  'update watches set target_price = 1',
  'update deals set current_price = 1',
  'delete from producer_runs',
  'select * from rejected_records',
]

test.each(ROLES)('%s writes no price, alert, watch or deal', async (role) => {
  dependenciesAs(role)
  for (const statement of FORBIDDEN)
    await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' })
})
