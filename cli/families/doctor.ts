import type { Command } from 'commander'
import { run } from '../run.ts'

/** `keeper doctor` */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('checks what Keeper needs, and says what to do; exits with 1 where a problem was found')
    .action(run(async (context) => (await import('../commands/doctor.ts')).examineAll(context)))
}
