import { ClientError } from '../../client/client-error.ts'
import { dropFailedRun, type FailedRun, listFailedRuns, retryFailedRun } from '../../client/failed-runs.ts'
import type { CommandContext } from '../context.ts'
import { counted } from '../output/plural.ts'
import { table } from '../output/table.ts'

export async function list(context: CommandContext): Promise<void> {
  const runs = await listFailedRuns(await context.keeper())
  if (context.isJson) {
    return context.print(
      JSON.stringify(
        runs.map(({ place: _, ...run }) => run),
        null,
        2,
      ),
    )
  }
  if (runs.length === 0) return context.say('No failed run waits.')
  context.print(
    table(
      [
        { name: 'ID', cell: ({ id }) => id },
        { name: 'FUNCTION', cell: (run) => run.function },
        { name: 'AT', cell: ({ at }) => at },
        { name: 'ERROR', cell: ({ error }) => error, shrinks: true },
      ],
      runs,
      context.width,
    ),
  )
}

/** Runs one, by its id or the beginning of it, or all of them again. */
export async function retry(
  context: CommandContext,
  { id, all = false }: { readonly id?: string; readonly all?: boolean },
): Promise<void> {
  if ((id === undefined) !== all) {
    throw new ClientError(
      'usage',
      'Which? Name the id of one failed run (keeper failed-runs list), or --all.',
    )
  }
  const keeper = await context.keeper()
  const runs = await listFailedRuns(keeper)
  const chosen = id === undefined ? runs : [oneOf(runs, id)]
  await eachOf(context, chosen, 'retried', (run) => retryFailedRun(keeper, run))
}

/** Takes every failed run away, without running it. */
export async function purge(context: CommandContext): Promise<void> {
  const keeper = await context.keeper()
  const runs = await listFailedRuns(keeper)
  if (runs.length > 0) {
    await context.confirm(
      `Delete ${counted(runs.length, 'failed run')} of ${keeper.title}? Nothing of them is left.`,
    )
  }
  await eachOf(context, runs, 'deleted', (run) => dropFailedRun(keeper, run))
}

function oneOf(runs: readonly FailedRun[], id: string): FailedRun {
  const found = runs.filter((run) => run.id.startsWith(id))
  if (found.length === 1 && found[0]) return found[0]
  throw found.length > 1
    ? new ClientError('failed_run_ambiguous', `${found.length} ids begin with ${id}: name more of it.`)
    : new ClientError('no_such_failed_run', `No failed run ${id} waits: keeper failed-runs list shows them.`)
}

/** One after the other, so that what is interrupted has done all that it said. */
async function eachOf(
  context: CommandContext,
  runs: readonly FailedRun[],
  done: 'retried' | 'deleted',
  work: (run: FailedRun) => Promise<void>,
): Promise<void> {
  for (const [index, run] of runs.entries()) {
    await work(run)
    context.say(`${index + 1} of ${runs.length} ${done}: ${run.function}, ${run.id}`)
  }
  if (context.isJson) return context.print(JSON.stringify({ [done]: runs.map(({ id }) => id) }, null, 2))
  context.say(`${counted(runs.length, 'failed run')} ${done}.`)
}
