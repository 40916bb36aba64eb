import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { searchIndexer } from '../../../lambdas/consumers/search-indexer/search-indexer.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { forwardRecords } from '../../helpers/forwarding.ts'
import { dealEvent, type TestRecord } from '../../helpers/msk-events.ts'
import { sayMissing, takeSearch } from '../../helpers/search.ts'

const engine = await takeSearch()

if ('missing' in engine) test('the indexer needs OpenSearch', () => sayMissing(engine.missing))
else {
  const { search, clear, refresh } = engine
  let database: FreshDatabase
  let indexer: ReturnType<typeof searchIndexer>
  beforeAll(async () => {
    database = await freshDatabase()
  })
  beforeEach(async () => {
    indexer = searchIndexer(search)
    await database.pool.query('truncate rejected_records, consumed_offsets')
  })
  afterEach(clear)
  afterAll(async () => {
    await engine.close()
    await database.drop()
  })

  const index = (...records: TestRecord[]) => forwardRecords(database.pool, indexer, records)
  const deals = (...events: Record<string, unknown>[]): TestRecord[] =>
    events.map((changes) => ({ value: dealEvent(changes) }))
  const document = async (id: string) =>
    (await search.ask<{ _source: unknown }>({ method: 'GET', path: `/deals/_doc/${id}` }))._source
  const price = async (id: string) => ((await document(id)) as { current_price: number }).current_price
  const count = async () => {
    await refresh()
    return (await search.ask<{ count: number }>({ method: 'GET', path: '/deals/_count' })).count
  }
  /** The titles that a word finds. */
  const found = async (word: string): Promise<readonly string[]> => {
    await refresh()
    const { hits } = await search.ask<{ hits: { hits: { _source: { title: string } }[] } }>({
      method: 'POST',
      path: '/deals/_search',
      body: { query: { multi_match: { query: word, fields: ['title', 'title.english', 'title.prefix'] } } },
    })
    return hits.hits.map(({ _source }) => _source.title)
  }
  const rows = async (sql: string) => (await database.pool.query(sql)).rows

  test('a deal is indexed under its domain and ASIN, with the columns of the table', async () => {
    const { metrics, response } = await index(...deals({}))
    expect(response).toEqual({ batchItemFailures: [] })
    expect(metrics).toMatchObject({
      RecordsReceived: 1,
      DealsIndexed: 1,
      DealsOutdated: 0,
      RecordsRejected: 0,
    })
    expect(await document('de-B07W6JN8V8')).toEqual({
      asin: 'B07W6JN8V8',
      domain: 'de',
      title: 'Logitech K380',
      current_price: 49.99,
      original_price: 59.99,
      discount_percent: 16.7,
      rating: 4.5,
      review_count: 1847,
      sales_rank: 1200,
      deal_at: '2026-02-20T12:30:00Z',
    })
  })

  test('a title is found by its words, in German and English, and by their beginnings', async () => {
    const titles = ['Logitech MX Gaming-Mäuse', 'Cherry Funktastatur', "Men's Running Shoes", 'Wanduhr']
    await index(
      ...deals(...titles.map((product_title, number) => ({ asin: `B00000000${number}`, product_title }))),
    )
    expect(await found('maus')).toEqual(['Logitech MX Gaming-Mäuse'])
    expect(await found('Maeuse')).toEqual(['Logitech MX Gaming-Mäuse'])
    expect(await found('logi')).toEqual(['Logitech MX Gaming-Mäuse'])
    expect(await found('tastatur')).toEqual(['Cherry Funktastatur'])
    expect(await found('shoe')).toEqual(["Men's Running Shoes"])
    expect(await found('funkuhr')).toEqual([])
  })

  test('the newest deal of a product is kept, whatever the order and the cut into batches', async () => {
    const at = (minute: string, current_price: number) => ({
      current_price,
      timestamp: `2026-02-20T12:${minute}`,
    })
    await index(...deals(at('20:00', 20), at('30:00.000002', 30), at('10:00', 10)))
    const { metrics } = await index(...deals(at('30:00.000001', 25)))
    expect(metrics).toMatchObject({ DealsIndexed: 0, DealsOutdated: 1 })
    expect(await price('de-B07W6JN8V8')).toBe(30)
    await index(...deals(at('40:00', 40)))
    expect(await price('de-B07W6JN8V8')).toBe(40)
  })

  test('the same ASIN of two marketplaces is two deals', async () => {
    await index(...deals({ domain: 'de' }, { domain: 'co.uk', current_price: 39.99 }))
    expect(await count()).toBe(2)
    expect(await price('co.uk-B07W6JN8V8')).toBe(39.99)
  })

  test('a replay changes no document', async () => {
    const records = Array.from({ length: 50 }, (_, number) => ({
      value: dealEvent({
        asin: `B00000000${number % 7}`,
        current_price: 10 + number,
        timestamp: `2026-02-20T12:${10 + ((number * 7) % 50)}:00`,
      }),
    }))
    const all = async () => {
      await refresh()
      const { hits } = await search.ask<{ hits: { hits: { _id: string; _source: object }[] } }>({
        method: 'POST',
        path: '/deals/_search',
        body: { size: 100, sort: ['asin'], version: true },
      })
      return hits.hits.map(({ _id, _source }) => ({ _id, _source }))
    }
    await index(...records)
    const before = await all()
    await index(...records.slice(20))
    await index(...records.slice(0, 30))
    expect(before).toHaveLength(7)
    expect(await all()).toEqual(before)
  })

  test('one bad record among 10,000 is rejected alone, with its reason and the group', async () => {
    const records = Array.from({ length: 10_000 }, (_, number) => ({
      value: number === 5_000 ? '{"asin":' : dealEvent({ asin: `B${String(number).padStart(9, '0')}` }),
    }))
    const { metrics, response } = await index(...records)
    expect(response).toEqual({ batchItemFailures: [] })
    expect(metrics).toMatchObject({ RecordsReceived: 10_000, DealsIndexed: 9_999, RecordsRejected: 1 })
    expect(await count()).toBe(9_999)
    expect(await rows('select consumer_group, "offset", reason from rejected_records')).toEqual([
      { consumer_group: 'keeper-consumer-group-search', offset: '5000', reason: 'invalid_json' },
    ])
    expect(await rows('select consumer_group, next_offset from consumed_offsets')).toEqual([
      { consumer_group: 'keeper-consumer-group-search', next_offset: '10000' },
    ])
  })

  test('a deal that OpenSearch refuses is rejected with its reason, and its neighbours are indexed', async () => {
    await search.ask({
      method: 'PUT',
      path: '/deals-v1',
      body: {
        aliases: { deals: {} },
        mappings: { properties: { title: { type: 'keyword' }, review_count: { type: 'byte' } } },
      },
    })
    const { metrics } = await index(
      ...deals(
        { asin: 'B000000001', review_count: 1 },
        { asin: 'B000000002', review_count: 1_000 },
        { asin: 'B000000003', review_count: 1 },
      ),
    )
    expect(metrics).toMatchObject({ DealsIndexed: 2, RecordsRejected: 1 })
    expect(await count()).toBe(2)
    expect(await rows('select reason, detail from rejected_records')).toEqual([
      { reason: 'not_storable', detail: expect.stringMatching(/^mapper_parsing_exception: .*review_count/) },
    ])
  })

  test('what the deal consumer leaves out is left out: no price, or a time that cannot be', async () => {
    const { metrics } = await index(
      ...deals({ current_price: null }, { timestamp: '2099-01-01' }, { timestamp: '1970-01-01' }),
      { value: null },
    )
    expect(metrics).toMatchObject({
      RecordsReceived: 4,
      RecordsWithoutPrice: 1,
      DealsImplausible: 2,
      Tombstones: 1,
      DealsIndexed: 0,
    })
  })

  describe('while OpenSearch is away', () => {
    afterEach(() => engine.start())

    test('nothing is acknowledged, and all is indexed once it is back, no older deal over a newer one', async () => {
      const deal = (minute: number, partition: number): TestRecord => ({
        value: dealEvent({ timestamp: `2026-02-20T12:${minute}:00`, current_price: minute }),
        partition,
        offset: 100 + minute,
      })
      await index(deal(20, 0))
      await engine.crash()
      const { response, metrics, logged } = await index(deal(30, 0), deal(10, 1))
      expect(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
        { partition: 'deal-updates-0', offset: 130 },
        { partition: 'deal-updates-1', offset: 110 },
      ])
      expect(metrics).toEqual({})
      expect(logged).toMatchObject([{ level: 'ERROR', cause: 'infrastructure' }])
      expect(await rows('select next_offset from consumed_offsets')).toEqual([{ next_offset: '121' }])
      await engine.start()
      expect((await index(deal(30, 0), deal(10, 1))).response).toEqual({ batchItemFailures: [] })
      expect(await price('de-B07W6JN8V8')).toBe(30)
    })
  })
}
