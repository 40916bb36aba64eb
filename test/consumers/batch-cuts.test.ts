import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { dealConsumer } from '../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../../lambdas/consumers/price-consumer/price-consumer.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import type { TestRecord } from '../helpers/msk-events.ts'
import { Model } from './model.ts'
import {
  isReplayed,
  prepare,
  type RecordStep,
  recordOf,
  type Step,
  sightingOf,
  steps,
  tables,
  watchesOfModel,
} from './streams.ts'

/**
 * Whatever the cut into batches, the redeliveries and the replays: the tables equal those of a model that takes one record
 * at a time (model.ts), also while alerts end and watches change in between. KEEPER_CUTS_RUNS tries more streams; with KEEPER_CUTS_SHRINK=no one that
 * fails is shown as it is, at once.
 */
const RUNS = Number(process.env.KEEPER_CUTS_RUNS ?? 30)

/** How a run of records of one topic is delivered: the size of each batch, and what comes once more behind it. */
const cut = fc.record({
  size: fc.integer({ min: 1, max: 9 }),
  again: fc.constantFrom('nothing', 'nothing', 'the batch', 'a stretch'),
})
const cuts = fc.infiniteStream(cut)

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

type Topic = 'price-updates' | 'deal-updates'

const deliver = (topic: Topic, records: readonly TestRecord[]) =>
  consumeRecords(
    database.pool,
    (topic === 'price-updates' ? priceConsumer : dealConsumer) as typeof priceConsumer,
    records,
  )

/** Delivers the stream in batches; whatever is no record happens between two of them. */
async function run(all: readonly Step[], sizes: Iterator<{ size: number; again: string }>): Promise<void> {
  const seen: Record<Topic, TestRecord[]> = { 'price-updates': [], 'deal-updates': [] }
  for (let index = 0; index < all.length; ) {
    const step = all[index] as Step
    if (step.kind !== 'record') {
      await database.pool.query(step.sql, step.values)
      index += 1
      continue
    }
    const { size, again } = sizes.next().value ?? { size: 1, again: 'nothing' }
    const records: RecordStep[] = []
    const from = index
    for (let next = all[index]; records.length < size; next = all[index]) {
      if (next?.kind !== 'record' || next.topic !== step.topic) break
      records.push(next)
      index += 1
    }
    const batch = records.map((record, place) => recordOf(record, from + place))
    await deliver(step.topic, batch)
    seen[step.topic].push(...batch.filter((_, place) => isReplayed(records[place] as RecordStep)))
    if (again === 'the batch') await deliver(step.topic, batch)
    // As after a reset: everything from some place on, in a cut of its own.
    if (again === 'a stretch') await deliver(step.topic, seen[step.topic].slice(-3 * size))
  }
}

/** The same in the model, record by record. */
function modelOf(all: readonly Step[]): Model {
  const model = new Model(watchesOfModel())
  for (const [index, step] of all.entries()) {
    if (step.kind === 'record') {
      const sighting = sightingOf(step, index)
      if (sighting) model.see(sighting)
      continue
    }
    const watch = model.watches[step.watch]
    if (!watch) continue
    if (step.kind === 'conclude') model.conclude(watch, step.status, step.told)
    else model.change(watch, step.status, step.target)
  }
  return model
}

test(
  'the tables are those of a model that takes one record at a time, however records are cut, redelivered and replayed',
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, cuts, async (all, sizes) => {
        await prepare(database.pool)
        await run(all, sizes)
        expect(await tables.stored(database.pool)).toEqual(tables.expected(modelOf(all), all))
      }),
      { numRuns: RUNS, endOnFailure: process.env.KEEPER_CUTS_SHRINK === 'no' },
    )
  },
  RUNS * 20_000,
)
