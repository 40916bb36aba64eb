import type { Command } from 'commander'
import { run } from '../run.ts'

/** `keeper status` */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('how Keeper does, on one screen; exits with 1 where a part cannot be read')
    .action(run(async (context) => (await import('../commands/status.ts')).show(context)))
}
