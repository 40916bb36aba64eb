import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { searchIndexer } from '../../../lambdas/consumers/search-indexer/search-indexer.ts'
import { DEALS_INDEX, type IndexDefinition } from '../../../lambdas/core/search/deals-index.ts'
import { replaceDealsIndex } from '../../../lambdas/operator/search/replace-index.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { forwardRecords } from '../../helpers/forwarding.ts'
import { dealEvent } from '../../helpers/msk-events.ts'
import { sayMissing, takeSearch } from '../../helpers/search.ts'

const engine = await takeSearch()

if ('missing' in engine) test('a reindex needs OpenSearch', () => sayMissing(engine.missing))
else {
  const { search } = engine
  let database: FreshDatabase
  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterEach(engine.clear)
  afterAll(async () => {
    await engine.close()
    await database.drop()
  })

  /** The next version of the mapping. */
  const NEXT: IndexDefinition = { ...DEALS_INDEX, version: DEALS_INDEX.version + 1 }
  const indexer = searchIndexer(search)
  const index = (events: readonly Record<string, unknown>[]) =>
    forwardRecords(
      database.pool,
      indexer,
      events.map((changes) => ({ value: dealEvent(changes) })),
    )
  const asin = (number: number) => `B${String(number).padStart(9, '0')}`
  const reindex = async (definition: IndexDefinition) => {
    for (;;) {
      const answer = await replaceDealsIndex(search, definition, Date.now() + 40_000)
      if (answer.state === 'done') return answer
    }
  }
  const indices = async () =>
    Object.keys(await search.ask<object>({ method: 'GET', path: '/deals-v*/_settings' }))
  interface Found {
    readonly hits: {
      readonly total: { readonly value: number }
      readonly hits: readonly {
        readonly _source: { readonly asin: string; readonly current_price: number }
      }[]
    }
  }
  const all = async (size = 1_000) =>
    (
      await search.ask<Found>({
        method: 'POST',
        path: '/deals/_search',
        body: { size, track_total_hits: true, sort: ['asin'] },
      })
    ).hits

  test('deals are found all the time, and none is lost or older, while the indexer writes on', async () => {
    const count = 200
    const numbers = Array.from({ length: count }, (_, number) => number)
    const write = (second: number) =>
      index(
        numbers.map((number) => ({
          asin: asin(number),
          current_price: 100 + second,
          timestamp: `2026-02-20T12:00:${String(second).padStart(2, '0')}`,
        })),
      )
    await write(0)
    await engine.refresh()
    let isOver = false
    let written = 0
    const writing = (async () => {
      while (!isOver && written < 59) {
        const { response } = await write(written + 1)
        // What the block refused comes again, as Lambda delivers it.
        if (response.batchItemFailures.length === 0) written += 1
      }
    })()
    const fewest: number[] = []
    let lowest = 0
    const steps: string[] = []
    const reading = (async () => {
      while (!isOver) {
        const { total, hits } = await all(count)
        fewest.push(total.value)
        const least = Math.min(...hits.map(({ _source }) => _source.current_price))
        if (least < lowest) steps.push(`${lowest} became ${least}`)
        lowest = Math.max(lowest, least)
      }
    })()
    const answer = await reindex(NEXT).finally(() => {
      isOver = true
    })
    await Promise.all([writing, reading])
    await engine.refresh()
    expect(answer).toEqual({ state: 'done', from: 'deals-v1', to: 'deals-v2', documents: count })
    expect(await indices()).toEqual(['deals-v2'])
    expect(Math.min(...fewest)).toBe(count)
    expect(steps).toEqual([])
    expect(written).toBeGreaterThan(0)
    expect(new Set((await all(count)).hits.map(({ _source }) => _source.current_price))).toEqual(
      new Set([100 + written]),
    )
  })

  test('an index without a field of the documents is written to without it, and the next has it', async () => {
    const { sales_rank: _, ...properties } = DEALS_INDEX.mappings.properties
    await search.ask({
      method: 'PUT',
      path: '/deals-v0',
      body: {
        settings: DEALS_INDEX.settings,
        mappings: { ...DEALS_INDEX.mappings, properties },
        aliases: { deals: {} },
      },
    })
    const own = searchIndexer(search)
    const write = (number: number) =>
      forwardRecords(database.pool, own, [{ value: dealEvent({ asin: asin(number) }) }])
    expect((await write(1)).metrics).toMatchObject({ DealsIndexed: 1, RecordsRejected: 0 })
    await reindex(DEALS_INDEX)
    expect((await write(2)).metrics).toMatchObject({ DealsIndexed: 1, RecordsRejected: 0 })
    await engine.refresh()
    expect((await all()).hits.map(({ _source }) => _source)).toEqual([
      expect.not.objectContaining({ sales_rank: 1200 }),
      expect.objectContaining({ sales_rank: 1200 }),
    ])
  })

  test('a mapping that has not changed is filled again under another name', async () => {
    await index([{ asin: asin(1) }])
    expect(await reindex(DEALS_INDEX)).toMatchObject({ from: 'deals-v1', to: 'deals-v1-2', documents: 1 })
  })

  test('what the new mapping refuses leaves everything as it was, and the indexer can write', async () => {
    await index([{ asin: asin(1) }])
    const narrow = {
      ...NEXT,
      mappings: { dynamic: 'strict', properties: { asin: { type: 'keyword' } } },
    }
    await expect(reindex(narrow)).rejects.toMatchObject({ code: 'reindex_failed' })
    expect(await indices()).toEqual(['deals-v1'])
    expect((await index([{ asin: asin(2) }])).response).toEqual({ batchItemFailures: [] })
  })
}
