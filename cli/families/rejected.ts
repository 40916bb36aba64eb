import type { Command } from 'commander'
import type { Choice } from '../commands/rejected.ts'
import { examples, run } from '../run.ts'
import { wholeNumber } from './whole-number.ts'

const work = () => import('../commands/rejected.ts')

/** What Commander makes of the options of `list`. */
interface ListOptions {
  readonly reason?: string
  readonly topic?: string
  readonly group?: string
  readonly open?: boolean
  readonly most: number
}

/** `keeper rejected ...` */
export function addRejected(program: Command): void {
  const rejected = program.command('rejected').description('records that could not be stored')
  rejected
    .command('list')
    .description('rejected records, the newest first')
    .option('--reason <reason>', 'with this reason alone')
    .option('--topic <topic>', 'of this topic alone')
    .option('--group <group>', 'rejected by this consumer group alone')
    .option('--open', 'without those that were redriven')
    .option('-n, --most <count>', 'the most records', wholeNumber, 50)
    .addHelpText('after', examples('keeper rejected list --reason invalid_json'))
    .action(run<ListOptions>(async (context, options) => (await work()).list(context, options)))
  rejected
    .command('show <id>')
    .description('a record: reason, origin, headers, and its bytes as text and hex')
    .addHelpText('after', examples('keeper rejected show 17'))
    .action(run<{ id: string }>(async (context, { id }) => (await work()).show(context, id), 'id'))
  rejected
    .command('redrive [id...]')
    .description('sends records to the topics they came from again, each once')
    .option('--reason <reason>', 'all that were rejected for this reason')
    .option('--all', 'all')
    .option('--dry-run', 'only counts them')
    .addHelpText(
      'after',
      examples('keeper rejected redrive 17 18', 'keeper rejected redrive --reason bad_domain --dry-run'),
    )
    .action(
      run<Choice & { id: string[]; dryRun?: boolean }>(async (context, { id, dryRun, reason, all }) => {
        const choice = { ...(id.length > 0 && { ids: id }), reason, all }
        if (dryRun) await (await work()).count(context, choice)
        else await (await work()).redrive(context, choice)
      }, 'id'),
    )
}
