import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
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

/** The lease of whoever runs is over now. */
const leaseEnds = () => database.pool.query('update producer_runs set lease_until = clock_timestamp()')

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
  await run(dead, {}, { leaseMs: 60_000 })
  expect(await cursorOf()).toEqual({ skipped: 'already-running' })
  const lasts = "select lease_until - clock_timestamp() between '1 s' and '60 s' as lasts from producer_runs"
  expect((await database.pool.query(lasts)).rows).toEqual([{ lasts: true }])
  await leaseEnds()
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
  await run(async (late) => {
    await leaseEnds()
    await run(({ save }) => save({ page: 9 }))
    await late.save({ page: 1 })
    await late.finish()
    expect(await cursorOf()).toEqual({ skipped: 'already-running' })
  })
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

describe('a run that only resumes', () => {
  const RESUME: RunInput = { resume: true }
  const IDLE = { skipped: 'nothing-to-resume' }
  const NOON = at('2026-02-20T12:00:00Z')
  const SIX = at('2026-02-20T18:00:00Z')
  const finished = (input: RunInput) => run(async ({ finish }) => void (await finish()), input)

  test('has nothing to do before the first pass, and after a complete one', async () => {
    expect(await cursorOf(RESUME)).toEqual(IDLE)
    await finished(NOON)
    expect(await cursorOf(RESUME)).toEqual(IDLE)
    await finished({})
    expect(await cursorOf(RESUME)).toEqual(IDLE)
  })

  test('resumes a pass that paused, again and again, until it is complete', async () => {
    await run(({ pause }) => pause({ page: 1 }), NOON)
    await run(({ pause, cursor }) => pause({ page: (cursor?.page ?? 0) + 1 }), RESUME)
    expect(await cursorOf(RESUME)).toEqual({ page: 2 })
    await finished(RESUME)
    expect(await cursorOf(RESUME)).toEqual(IDLE)
  })

  test('completes the pass for the time it began for: that schedule, fired twice, begins no other', async () => {
    await run(({ pause }) => pause({ page: 1 }), NOON)
    await finished(RESUME)
    expect(await cursorOf(NOON)).toEqual({ skipped: 'already-done' })
    expect(await cursorOf(SIX)).toBeNull()
  })

  test('resumes one that somebody began by hand', async () => {
    await run(({ pause }) => pause({ page: 4 }))
    expect(await cursorOf(RESUME)).toEqual({ page: 4 })
  })

  test('resumes one that died, also before it saved a place', async () => {
    await run(async () => undefined, NOON)
    expect(await cursorOf(RESUME)).toEqual({ skipped: 'already-running' })
    await leaseEnds()
    await finished(RESUME)
    expect(await cursorOf(NOON)).toEqual({ skipped: 'already-done' })
  })

  test('begins the pass of a run that failed before it saved a place', async () => {
    const failing = run(() => Promise.reject(new Error('no')), NOON)
    await expect(failing).rejects.toThrow('no')
    expect(await cursorOf(RESUME)).toBeNull()
  })

  test('begins the pass whose schedule fired while another run was at work', async () => {
    await run(async ({ finish }) => {
      expect(await cursorOf(SIX)).toEqual({ skipped: 'already-running' })
      await finish()
    }, NOON)
    await finished(RESUME)
    expect(await cursorOf(SIX)).toEqual({ skipped: 'already-done' })
    expect(await cursorOf(RESUME)).toEqual(IDLE)
  })

  test('begins the pass whose schedule fired while another was paused, once that is complete', async () => {
    await run(({ pause }) => pause({ page: 1 }), NOON)
    await finished(SIX)
    expect(await cursorOf(RESUME)).toBeNull()
    await finished(RESUME)
    expect(await cursorOf(RESUME)).toEqual(IDLE)
  })

  test('is no second one beside a schedule or a run by hand', async () => {
    await run(({ pause }) => pause({ page: 1 }), NOON)
    await run(async ({ finish }) => {
      for (const input of [RESUME, NOON, SIX, {}])
        expect(await cursorOf(input)).toEqual({ skipped: 'already-running' })
      await finish()
    }, RESUME)
  })

  test('owes nothing to a made-up time in the future', async () => {
    await finished(at('2099-01-01T00:00:00Z'))
    expect(await cursorOf(RESUME)).toEqual(IDLE)
  })

  test('is refused where resume is not a boolean', async () => {
    await expect(cursorOf({ resume: 'yes' } as never)).rejects.toMatchObject({ code: 'bad_run_input' })
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
