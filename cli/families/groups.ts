import type { Command } from 'commander'
import type { ResetArguments } from '../commands/groups.ts'
import { examples, run } from '../run.ts'

const work = () => import('../commands/groups.ts')

/** `keeper groups ...` */
export function addGroups(program: Command): void {
  const groups = program.command('groups').description('consumer groups')
  groups
    .command('list')
    .description('consumer groups, with state and members')
    .action(run(async (context) => (await work()).list(context)))
  groups
    .command('describe <group>')
    .description('committed and end offsets, lag in records and in time, and member of each partition')
    .addHelpText('after', examples('keeper groups describe keeper-consumer-group'))
    .action(
      run<{ group: string }>(async (context, { group }) => (await work()).describe(context, group), 'group'),
    )
  groups
    .command('reset <group>')
    .description('delivers records again: moves the offsets of a group')
    .requiredOption('--to <place>', 'start, end, +N, -N, N, @TIME (in UTC unless it has a zone) or @-1h')
    .option('-p, --partition <n...>', 'these partitions alone', (value, before: number[] = []) => [
      ...before,
      Number(value),
    ])
    .option('--dry-run', 'shows what it would do, and does nothing')
    .addHelpText(
      'after',
      examples(
        'keeper groups reset keeper-consumer-group --to start --dry-run',
        'keeper groups reset keeper-consumer-group --to @-24h',
      ),
    )
    .action(run<ResetArguments>(async (context, wanted) => (await work()).reset(context, wanted), 'group'))
}
