import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { KEEPA_API_KEY_PLACEHOLDER } from '../../lambdas/core/environment.ts'
import { type Market, startMarket } from '../../local/market/market.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import { testSecrets } from '../helpers/secrets-manager.ts'
import { type Invocation, invoke } from './invoke.ts'
import { addProducts, asin } from './producing.ts'

const PRODUCERS = join(import.meta.dirname, '..', '..', 'lambdas', 'producers')
/** The market's clock stands still: of so few products none is a deal in one minute out of seventy. */
const NOON = Date.parse('2026-02-20T12:30:00Z')

let kafka: TestKafka
let market: Market
let database: FreshDatabase
let topic: string
beforeAll(async () => {
  kafka = await testKafka()
  market = await startMarket({ catalogueSize: 90, now: () => NOON })
})
afterAll(async () => {
  await Promise.all([kafka.close(), market.close()])
})
beforeEach(async () => {
  database = await freshDatabase()
  topic = await kafka.freshTopic('events')
})
afterEach(() => database.drop())

const run = (
  producer: string,
  overrides: Readonly<Record<string, string>> = {},
  input: unknown = {},
  haste?: number,
) =>
  invoke(
    join(PRODUCERS, producer, 'handler.ts'),
    {
      KEEPER_FUNCTION: producer,
      KEEPER_STAGE: 'test',
      KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
      KAFKA_TOPIC_PRICES: topic,
      KAFKA_TOPIC_DEALS: topic,
      DATABASE_URL: database.url,
      DATABASE_AUTHENTICATION: 'password',
      KEEPA_BASE_URL: market.url,
      KEEPA_API_KEY: 'any',
      DEAL_DOMAINS: 'de',
      ...overrides,
    },
    input,
    undefined,
    haste,
  )

const metricsIn = ({ lines }: Invocation) => lines.filter((line) => '_aws' in line)
const errorsIn = ({ lines }: Invocation) => lines.filter(({ level }) => level === 'ERROR')
const watchAll = () =>
  addProducts(
    database.pool,
    market.catalogue.entries.filter(({ domain }) => domain === 'de').map((entry) => entry.asin),
  )

describe('price-check', () => {
  test('sends prices, says so in one line of metrics, and logs no error', async () => {
    await watchAll()
    const invocation = await run('price-check', {}, { scheduledTime: '2026-02-20T12:00:00Z' })
    const events = await kafka.readAll(topic)
    expect(events.length).toBeGreaterThan(20)
    expect(invocation).toMatchObject({ result: { end: 'finished', sent: events.length }, stderr: '' })
    expect(metricsIn(invocation)).toMatchObject([
      {
        Stage: 'test',
        Function: 'price-check',
        EventsSent: events.length,
        EventsNotSent: 0,
        ProductsNotChecked: 0,
        RecordsWithoutPrice: 30 - events.length,
        ProductsNotFollowed: expect.any(Number),
        KeepaRefusals: 0,
        KeepaTokensLeft: expect.any(Number),
      },
    ])
    expect(errorsIn(invocation)).toEqual([])
    expect(await run('price-check', {}, { scheduledTime: '2026-02-20T12:00:00Z' })).toMatchObject({
      result: { skipped: 'already-done' },
    })
  })

  test('that only resumes needs no key and asks Keepa nothing while the last pass is complete', async () => {
    await watchAll()
    const before = market.requests.product
    const idle = await run('price-check', { KEEPA_API_KEY: '' }, { resume: true })
    expect(idle).toMatchObject({ result: { skipped: 'nothing-to-resume' }, stderr: '' })
    expect(metricsIn(idle)).toEqual([])
    expect(market.requests.product).toBe(before)
  })

  test('without the buy box asks for each page once', async () => {
    await watchAll()
    const before = market.requests.product
    expect(await run('price-check', { KEEPA_BUY_BOX: 'off' })).toMatchObject({ result: { end: 'finished' } })
    expect(market.requests.product).toBe(before + 1)
  })

  test('fails with the products that were not sent, counts them, and logs the failure once', async () => {
    await addProducts(database.pool, [asin(1), asin(2)])
    const invocation = await run('price-check', { KAFKA_BOOTSTRAP_SERVERS: 'localhost:1' }, {}, 5)
    expect(invocation.error).toEqual({
      name: 'KeeperError',
      code: 'run_incomplete',
      message: `0 events were sent, 2 were not, 0 products could not be checked: ${asin(1)} (de, kafka_unreachable), ${asin(2)} (de, kafka_unreachable)`,
    })
    expect(metricsIn(invocation)).toMatchObject([{ EventsSent: 0, EventsNotSent: 2 }])
    expect(errorsIn(invocation).map(({ message }) => message)).toEqual([
      'events were not sent',
      'the invocation failed',
    ])
    expect(invocation.stderr).toBe('')
  })

  test('fails where Keepa refuses, and counts the refusals', async () => {
    await watchAll()
    market.faults.next(402)
    const invocation = await run('price-check')
    expect(invocation.error).toMatchObject({
      code: 'run_incomplete',
      message: expect.stringContaining('keepa_payment'),
    })
    expect(metricsIn(invocation)).toMatchObject([{ ProductsNotChecked: 30, KeepaRefusals: 30 }])
  })

  test.each([
    [{ DATABASE_URL: '' }, 'environment_missing', /DATABASE_URL is not set/],
    [{ KEEPA_API_KEY: '' }, 'environment_missing', /KEEPA_API_KEY_SECRET_ARN is not set/],
    [{ KAFKA_AUTHENTICATION: 'plain' }, 'environment_invalid', /use one of none, iam/],
    [{ KEEPA_BUY_BOX: 'yes' }, 'environment_invalid', /use one of on, off/],
  ])('with %p it fails with one error line that names the variable', async (overrides, code, message) => {
    const invocation = await run('price-check', overrides)
    expect(invocation.error).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(errorsIn(invocation)).toMatchObject([{ errorCode: code, requestId: 'request-1' }])
  })
})

describe('history-import', () => {
  test('imports what waits, counts it in its metrics, and then finds nothing to do, without a key too', async () => {
    const sold = market.catalogue.entries.find(({ domain, offer }) => domain === 'de' && offer === 'amazon')
    await addProducts(database.pool, [sold?.asin ?? ''])
    await database.pool.query(
      "with ada as (insert into users (email) values ('ada@test') returning id) insert into watches (user_id, product_id) select ada.id, product.id from ada, watched_products as product",
    )
    const invocation = await run('history-import', { HISTORY_YEARS: '1' })
    const events = await kafka.readAll(topic)
    expect(events.length).toBeGreaterThan(20)
    expect(invocation).toMatchObject({ result: { imported: 1, sent: events.length }, stderr: '' })
    expect(metricsIn(invocation)).toMatchObject([
      { Function: 'history-import', HistoriesImported: 1 },
      { Function: 'history-import', EventsSent: events.length },
    ])
    expect(await run('history-import', { KEEPA_API_KEY: '' })).toMatchObject({ result: { imported: 0 } })
  })
})

describe('deal-collector', () => {
  test('sends deals', async () => {
    const invocation = await run('deal-collector')
    const events = await kafka.readAll(topic)
    expect(events.length).toBeGreaterThan(0)
    expect(invocation).toMatchObject({ result: { end: 'finished', sent: events.length }, stderr: '' })
    expect(metricsIn(invocation)).toMatchObject([{ Function: 'deal-collector', EventsSent: events.length }])
  })

  test('fails with one error line where the marketplaces are misspelt', async () => {
    const invocation = await run('deal-collector', { DEAL_DOMAINS: 'germany' })
    expect(invocation.error).toMatchObject({ code: 'environment_invalid' })
    expect(errorsIn(invocation)).toHaveLength(1)
  })
})

describe('daily-deal-report', () => {
  test('runs without Keepa', async () => {
    const invocation = await run('daily-deal-report', { KEEPA_API_KEY: '', KEEPA_BASE_URL: '' }, null)
    expect(invocation).toMatchObject({ result: { end: 'finished', sent: 0 }, stderr: '' })
    const [metrics] = metricsIn(invocation)
    expect(metrics).toMatchObject({ Function: 'daily-deal-report', EventsSent: 0 })
    expect(metrics).not.toHaveProperty('KeepaTokensLeft')
  })

  test('fails with one error line where the input is no time', async () => {
    const invocation = await run('daily-deal-report', {}, { scheduledTime: 'noon' })
    expect(invocation.error).toMatchObject({ code: 'bad_run_input' })
    expect(errorsIn(invocation)).toMatchObject([{ errorCode: 'bad_run_input' }])
  })
})

describe('a producer that asks Keepa', () => {
  const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:keepa-api-key-AbCdEf'

  test.each(['price-check', 'deal-collector'])(
    '%s does not begin before there is an API key: it says so once and does not fail',
    async (producer) => {
      await watchAll()
      const secrets = await testSecrets(ARN)
      const ask = () =>
        run(producer, { ...secrets.environment, KEEPA_API_KEY: '', KEEPA_API_KEY_SECRET_ARN: ARN })
      try {
        secrets.holds(JSON.stringify({ keepa: KEEPA_API_KEY_PLACEHOLDER, unused: 'random' }))
        const invocation = await ask()
        expect(invocation).toMatchObject({ result: { skipped: 'no-api-key' }, stderr: '' })
        expect(invocation.lines.filter(({ level }) => level !== 'INFO')).toEqual([
          expect.objectContaining({
            level: 'WARN',
            message: expect.stringMatching(/^Keepa was not asked: .* aws secretsmanager put-secret-value/),
            secret: ARN,
          }),
        ])
        secrets.holds('a key')
        expect(await ask()).toMatchObject({ result: { end: 'finished' }, stderr: '' })
      } finally {
        await secrets.close()
      }
    },
  )
})
