import type { Command } from 'commander'
import { examples, run } from '../run.ts'

const work = () => import('../commands/schedules.ts')

/** `keeper schedules ...` */
export function addSchedules(program: Command): void {
  const schedules = program.command('schedules').description('when producers run')
  schedules
    .command('list')
    .description('schedules: when they run next, what they start, and its last run')
    .action(run(async (context) => (await work()).list(context)))
  schedules
    .command('run <schedule>')
    .description('starts a run now, with the input of the schedule')
    .option('--wait', 'until it is over, and shows its report')
    .addHelpText('after', examples('keeper schedules run price-check --wait'))
    .action(
      run<{ schedule: string; wait?: boolean }>(async (context, { schedule, wait = false }) => {
        await (await work()).start(context, schedule, wait)
      }, 'schedule'),
    )
  schedules
    .command('pause <schedule>')
    .description('no runs until it is resumed, or changed by a deployment')
    .addHelpText('after', examples('keeper schedules pause deal-collector'))
    .action(
      run<{ schedule: string }>(async (context, { schedule }) => {
        await (await work()).setState(context, schedule, 'DISABLED')
      }, 'schedule'),
    )
  schedules
    .command('resume <schedule>')
    .description('lets a schedule that is paused run again')
    .action(
      run<{ schedule: string }>(async (context, { schedule }) => {
        await (await work()).setState(context, schedule, 'ENABLED')
      }, 'schedule'),
    )
}
