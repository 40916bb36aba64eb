import type { Command } from 'commander'
import { examples, run } from '../run.ts'
import { timeAgo } from './time-ago.ts'

const work = () => import('../commands/notifier.ts')

/** `keeper notifier ...` */
export function addNotifier(program: Command): void {
  const notifier = program.command('notifier').description('whether people are told, after a restore')
  notifier
    .command('show')
    .description('whether the notifier tells people or waits in a restored database, and what it would tell')
    .action(run(async (context) => (await work()).show(context)))
  notifier
    .command('confirm')
    .description('lets it tell people from a restored database')
    .option(
      '--told-until <time>',
      'ends what waits of prices up to then, which people were told; in UTC unless it has a zone',
      timeAgo,
    )
    .addHelpText(
      'after',
      examples('keeper notifier confirm', 'keeper notifier confirm --told-until 2026-02-20T12:00:00Z'),
    )
    .action(
      run<{ toldUntil?: Date }>(async (context, { toldUntil }) => (await work()).confirm(context, toldUntil)),
    )
}
