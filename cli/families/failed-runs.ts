import type { Command } from 'commander'
import { examples, run } from '../run.ts'

const work = () => import('../commands/failed-runs.ts')

/** `keeper failed-runs ...` */
export function addFailedRuns(program: Command): void {
  const failedRuns = program
    .command('failed-runs')
    .description('runs of producers that did not start, or failed for good')
  failedRuns
    .command('list')
    .description('failed runs, the oldest first')
    .action(run(async (context) => (await work()).list(context)))
  failedRuns
    .command('retry [id]')
    .description('runs one again, or all, with what it was started with')
    .option('--all', 'all')
    .addHelpText('after', examples('keeper failed-runs retry 4f0c', 'keeper failed-runs retry --all'))
    .action(
      run<{ id?: string; all?: boolean }>(async (context, wanted) => {
        await (await work()).retry(context, wanted)
      }, 'id'),
    )
  failedRuns
    .command('purge')
    .description('deletes all failed runs, without running them')
    .action(run(async (context) => (await work()).purge(context)))
}
