import type { Part } from '../../lambdas/operator/failures.ts'
import { explained } from '../client-error.ts'
import type { Keeper } from '../keeper.ts'
import { type Finding, ok, on, problem } from './finding.ts'

/** The names of a Keeper's schedules that are paused. */
export async function pausedSchedules(keeper: Keeper): Promise<string[]> {
  const { paginateListSchedules } = await import('@aws-sdk/client-scheduler')
  const client = await keeper.aws.scheduler()
  const paused: string[] = []
  try {
    for await (const { Schedules = [] } of paginateListSchedules({ client }, { State: 'DISABLED' })) {
      const own = Schedules.filter(({ Target }) =>
        (Target?.Arn?.split(':')[6] ?? '').startsWith(keeper.functionPrefix),
      )
      paused.push(...own.map(({ Name = '' }) => Name))
    }
  } catch (error) {
    throw explained(error, keeper.title, 'scheduler:ListSchedules')
  }
  return paused
}

export function schedules(paused: Part<readonly string[]>): readonly Finding[] {
  if ('error' in paused) {
    return [problem('schedules', paused.error.message, 'Ask for the IAM action scheduler:ListSchedules.')]
  }
  return on('schedules', paused, (names) =>
    names.length === 0
      ? [ok('schedules', 'None is paused.')]
      : names.map((name) =>
          problem('schedules', `${name} is paused.`, `Resume it: keeper schedules resume ${name}`),
        ),
  )
}
