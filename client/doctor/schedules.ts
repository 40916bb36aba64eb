import type { Part } from '../../lambdas/operator/failures.ts'
import type { Keeper } from '../keeper.ts'
import { listSchedules } from '../schedules.ts'
import { type Finding, ok, problem } from './finding.ts'

/** The names of a Keeper's schedules that are paused. */
export const pausedSchedules = async (keeper: Keeper): Promise<string[]> =>
  (await listSchedules(keeper)).filter(({ state }) => state === 'DISABLED').map(({ name }) => name)

export function schedules(paused: Part<readonly string[]>): readonly Finding[] {
  if ('error' in paused) {
    return [problem('schedules', paused.error.message, 'Look at permission and operator above.')]
  }
  return paused.value.length === 0
    ? [ok('schedules', 'None is paused.')]
    : paused.value.map((name) =>
        problem('schedules', `${name} is paused.`, `Resume it: keeper schedules resume ${name}`),
      )
}
