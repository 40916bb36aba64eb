import { type Command, InvalidArgumentError } from 'commander'
import { examples, run } from '../run.ts'
import { wholeNumber } from './whole-number.ts'

/** `keeper console` */
export function addConsole(program: Command): void {
  program
    .command('console')
    .description('serves the console on this machine, until Ctrl-C')
    .option('--port <n>', 'the port', portNumber, 8080)
    .option('--read-only', 'refuses everything that changes something')
    .addHelpText('after', examples('keeper console', 'keeper console --stage prod --read-only'))
    .action(
      run<{ port: number; readOnly?: boolean }>(async (context, { port, readOnly = false }) =>
        (await import('../commands/console.ts')).serve(context, port, readOnly),
      ),
    )
}

function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port <= 65_535) return port
  throw new InvalidArgumentError('It is a port, 65535 at most.')
}
