import type { Command } from 'commander'
import { examples, run } from '../run.ts'
import { wholeNumber } from './whole-number.ts'

/** `keeper console` */
export function addConsole(program: Command): void {
  program
    .command('console')
    .description('serves the console on this machine, until Ctrl-C')
    .option('--port <n>', 'the port', wholeNumber, 8080)
    .option('--read-only', 'refuses everything that changes something')
    .addHelpText('after', examples('keeper console', 'keeper console --stage prod --read-only'))
    .action(
      run<{ port: number; readOnly?: boolean }>(async (context, { port, readOnly = false }) =>
        (await import('../commands/console.ts')).serve(context, port, readOnly),
      ),
    )
}
