import type { Command } from 'commander'
import { examples, run } from '../run.ts'

const work = () => import('../commands/alarms.ts')

/** `keeper alarms` */
export function addAlarms(program: Command): void {
  program
    .command('alarms')
    .description('alarms that are not OK: since when, why, and the section of the runbook')
    .option('--all', 'those that are OK too')
    .option('--history <alarm>', "an alarm's changes instead, the newest first")
    .addHelpText('after', examples('keeper alarms', 'keeper alarms --history price-check-silent'))
    .action(
      run<{ all?: boolean; history?: string }>(async (context, { all = false, history }) => {
        if (history === undefined) await (await work()).list(context, all)
        else await (await work()).history(context, history)
      }),
    )
}
