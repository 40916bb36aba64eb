import { expect, test } from '@jest/globals'
import { soak } from './soak.ts'

/** A short soak (`npm run test:all`), with faults of its own each time; `npm run soak` is a long one. */
const SECONDS = Number(process.env.SOAK_SECONDS ?? 20)
const SEED = Number(process.env.SOAK_SEED ?? Date.now() % 100_000)

test(
  'whatever fails at random, each acknowledged record is in the tables or the quarantine, once, and each alert is told',
  async () => {
    const { violations, figures, history, seed } = await soak({ seconds: SECONDS, seed: SEED })
    // The history says what happened: the seed repeats it.
    expect({ seed, violations, history }).toEqual({ seed, violations: [], history })
    expect(figures.stored).toBeGreaterThan(SECONDS)
    expect(figures.rejected).toBeGreaterThan(0)
    expect(figures.faults).toBeGreaterThan(1)
  },
  SECONDS * 1_000 + 900_000,
)
