import type { Command } from 'commander'
import type { LogsArguments } from '../commands/logs.ts'
import { examples, run } from '../run.ts'
import { timeAgo } from './time-ago.ts'

/** `keeper logs FUNCTION` */
export function addLogs(program: Command): void {
  program
    .command('logs <function>')
    .description("a function's log")
    .option('-f, --follow', 'shows lines as they come, until Ctrl-C')
    .option(
      '--filter <pattern>',
      'lines that match, in CloudWatch\'s syntax: a word, or { $.level = "ERROR" }',
    )
    .option(
      '--since <time>',
      'an age such as 90s, 10m, 1h or 2d, or a time, in UTC unless it has a zone (default: 1h)',
      (text) => timeAgo(text),
    )
    .addHelpText(
      'after',
      examples(
        'keeper logs price-check',
        'keeper logs price-consumer --follow --filter \'{ $.level = "ERROR" }\'',
      ),
    )
    .action(
      run<Omit<LogsArguments, 'since'> & { since?: Date }>(async (context, { since, ...wanted }) => {
        const { logs } = await import('../commands/logs.ts')
        await logs(context, { ...wanted, since: since ?? timeAgo('1h') })
      }, 'function'),
    )
}
