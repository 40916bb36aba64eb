import { type Command, Option } from 'commander'
import type { Reading } from '../commands/messages.ts'
import { examples, run } from '../run.ts'
import { wholeNumber } from './whole-number.ts'

const work = () => import('../commands/messages.ts')

/** What Commander makes of the options below. */
type Options = Omit<Reading, 'from'> & {
  readonly topic: string
  readonly offset: string
  readonly n?: number
}

/** `keeper messages ...` */
export function addMessages(program: Command): void {
  const messages = program.command('messages').description('messages of a topic')
  withReading(messages.command('read <topic>'))
    .description('reads to the ends that are seen at the start')
    .option('-n <count>', 'the most messages', wholeNumber)
    .option(
      '-o, --offset <place>',
      'start, end, +N, -N, N, N:M, @TIME (in UTC unless it has a zone) or @-1h',
      'start',
    )
    .addHelpText(
      'after',
      examples(
        'keeper messages read price-updates -n 5',
        'keeper messages read deal-updates -o @-1h --where "discount_percent >= 40"',
      ),
    )
    .action(
      run<Options>(async (context, { topic, n, offset, ...reading }) => {
        await (await work()).read(context, topic, { ...reading, from: offset, most: n })
      }, 'topic'),
    )
  withReading(messages.command('follow <topic>'))
    .description('shows messages as they come, until Ctrl-C')
    .option('-o, --offset <place>', 'where to begin, as for read, but for N:M', 'end')
    .addHelpText('after', examples('keeper messages follow price-updates --key B07W6JN8V8'))
    .action(
      run<Options>(async (context, { topic, offset, ...reading }) => {
        await (await work()).follow(context, topic, { ...reading, from: offset })
      }, 'topic'),
    )
}

const withReading = (command: Command): Command =>
  command
    .option('-p, --partition <n...>', 'these partitions alone', (value, before: number[] = []) => [
      ...before,
      Number(value),
    ])
    .option('--key <key>', 'messages with this key alone')
    .option('--where <condition>', 'field op value, such as "current_price < 50"; ~ means contains')
    .addOption(
      new Option('--as <form>', 'how values are shown').choices(['pretty', 'raw', 'hex']).default('raw'),
    )
