import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { inRun, type ProducerRun, type RunInput } from '../../../lambdas/core/postgres/producer-runs.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'

interface Cursor {
  readonly page: number
}

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

const run = (
  work: (run: ProducerRun<Cursor>) => Promise<unknown>,
  input: RunInput = {},
  { leaseMs = 60_000, producer = 'price-check' } = {},
) => inRun<Cursor, unknown>(database.pool, producer, input, leaseMs, work)

const cursorOf = (input?: RunInput) =>
  run(async ({ cursor, pause }) => {
    await pause(cursor)
    return cursor
  }, input)

const at = (scheduledTime: string): RunInput => ({ scheduledTime })

test('the first run begins at the beginning', async () => {
  expect(await cursorOf()).toBeNull()
})

test('a run goes on where the last one paused', async () => {
  await run(({ pause }) => pause({ page: 3 }))
  expect(await cursorOf()).toEqual({ page: 3 })
})

test('a run after a whole one begins at the beginning', async () => {
  await run(({ pause }) => pause({ page: 3 }))
  await run(({ finish }) => finish())
  expect(await cursorOf()).toBeNull()
})

test('a run that dies is gone on with from where it saved, once its lease has ended', async () => {
  const dead = async ({ save }: ProducerRun<Cursor>) => save({ page: 2 })
  await run(dead, {}, { leaseMs: 300 })
  expect(await cursorOf()).toEqual({ skipped: 'already-running' })
  await database.pool.query('select pg_sleep(0.35)')
  expect(await cursorOf()).toEqual({ page: 2 })
})

test('a run that throws is over at once, with the place that it saved', async () => {
  const failing = async ({ save }: ProducerRun<Cursor>) => {
    await save({ page: 5 })
    throw new Error('no')
  }
  await expect(run(failing, at('2026-02-20T12:00:00Z'))).rejects.toThrow('no')
  expect(await cursorOf(at('2026-02-20T12:00:00Z'))).toEqual({ page: 5 })
})

test('a run whose lease ended changes nothing of the run that took over', async () => {
  await run(
    async (late) => {
      await database.pool.query('select pg_sleep(0.1)')
      await run(({ save }) => save({ page: 9 }))
      await late.save({ page: 1 })
      await late.finish()
      expect(await cursorOf()).toEqual({ skipped: 'already-running' })
    },
    {},
    { leaseMs: 50 },
  )
  const { rows } = await database.pool.query('select cursor from producer_runs')
  expect(rows).toEqual([{ cursor: { page: 9 } }])
})

test('a scheduled time is seen to once, and so is every earlier one', async () => {
  await run(({ finish }) => finish(), at('2026-02-20T12:00:00Z'))
  expect(await cursorOf(at('2026-02-20T12:00:00Z'))).toEqual({ skipped: 'already-done' })
  expect(await cursorOf(at('2026-02-20T06:00:00Z'))).toEqual({ skipped: 'already-done' })
  expect(await cursorOf(at('2026-02-20T18:00:00Z'))).toBeNull()
})

test('a run that paused is gone on with for the same scheduled time', async () => {
  await run(({ pause }) => pause({ page: 1 }), at('2026-02-20T12:00:00Z'))
  expect(await cursorOf(at('2026-02-20T12:00:00Z'))).toEqual({ page: 1 })
})

test('a run by hand is never done already, and keeps no scheduled one from being seen to', async () => {
  await run(({ finish }) => finish(), at('2026-02-20T12:00:00Z'))
  await run(({ finish }) => finish())
  expect(await cursorOf()).toBeNull()
  expect(await cursorOf(at('2026-02-20T18:00:00Z'))).toBeNull()
})

test('a made-up time in the future keeps no later schedule from being seen to', async () => {
  await run(({ finish }) => finish(), at('2099-01-01T00:00:00Z'))
  expect(await cursorOf(at(new Date(Date.now() + 60_000).toISOString()))).toBeNull()
})

test('producers do not wait for each other', async () => {
  await run(async () => {
    expect(await run(async () => 'ran', {}, { producer: 'deal-collector' })).toBe('ran')
  })
})

test.each(['yesterday', '', 12 as never, '2026-13-45T00:00:00Z'])(
  '%p is refused as a scheduled time',
  async (time) => {
    await expect(cursorOf(at(time))).rejects.toMatchObject({ code: 'bad_run_input' })
  },
)

test('an invocation without an input is one by hand', async () => {
  expect(await cursorOf(null as never)).toBeNull()
})
