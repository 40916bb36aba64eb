import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { inRun } from '../../../lambdas/core/postgres/producer-runs.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { type Operators, operatorsOf } from '../operators.ts'

let database: FreshDatabase
let operators: Operators
beforeAll(async () => {
  database = await freshDatabase()
  operators = operatorsOf(database.url)
})
afterAll(async () => {
  await operators.close()
  await database.drop()
})

test('the last run of each producer is complete, in progress, or to be resumed', async () => {
  const { pool } = database
  const scheduledTime = '2026-02-20T08:00:00Z'
  await inRun(pool, 'complete', { scheduledTime }, 60_000, (run) => run.finish())
  await inRun(pool, 'paused', { scheduledTime }, 60_000, (run) => run.pause({ at: 7 }))
  await inRun(pool, 'running', {}, 60_000, async (run) => {
    expect(await operators.ask('runs.list')).toContainEqual(
      expect.objectContaining({ producer: 'running', isRunning: true, finishedAt: null }),
    )
    await run.finish()
  })
  expect(await operators.ask('runs.list')).toEqual([
    {
      ...{ producer: 'complete', completedFor: scheduledTime, isRunning: false, isIncomplete: false },
      ...{ startedAt: expect.stringMatching(/Z$/), finishedAt: expect.stringMatching(/Z$/) },
    },
    {
      ...{ producer: 'paused', completedFor: null, isRunning: false, isIncomplete: true },
      ...{ startedAt: expect.stringMatching(/Z$/), finishedAt: null },
    },
    expect.objectContaining({ producer: 'running', isRunning: false }),
  ])
})
