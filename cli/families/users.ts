import type { Command } from 'commander'
import { examples, run } from '../run.ts'

const work = () => import('../commands/users.ts')

/** `keeper users ...` */
export function addUsers(program: Command): void {
  const users = program.command('users').description('people whose watches Keeper keeps')
  users
    .command('list')
    .description('users, with how much belongs to each')
    .action(run(async (context) => (await work()).list(context)))
  users
    .command('add <e-mail>')
    .description('adds a user; an existing one is left unchanged')
    .addHelpText('after', examples('keeper users add ada@example.com'))
    .action(run<{ email: string }>(async (context, { email }) => (await work()).add(context, email), 'email'))
  users
    .command('remove <e-mail>')
    .description('removes a user, with all watches, alerts, filters and reports of theirs')
    .addHelpText('after', examples('keeper users remove ada@example.com'))
    .action(
      run<{ email: string }>(async (context, { email }) => (await work()).remove(context, email), 'email'),
    )
}
