import type { Command } from 'commander'
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
    .description('committed and end offsets, lag and member of each partition')
    .addHelpText('after', examples('keeper groups describe keeper-consumer-group'))
    .action(
      run<{ group: string }>(async (context, { group }) => (await work()).describe(context, group), 'group'),
    )
}
