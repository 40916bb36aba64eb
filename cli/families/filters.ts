import { type Command, Option } from 'commander'
import type { FilterOptions } from '../commands/filters.ts'
import { examples, run } from '../run.ts'
import { withLimits } from './deals.ts'

const work = () => import('../commands/filters.ts')

/** `keeper filters ...` */
export function addFilters(program: Command): void {
  const filters = program.command('filters').description('which deals the daily report has, by user')
  filters
    .command('list')
    .description('the filters')
    .option('--user <e-mail>', "this user's alone")
    .action(run<{ user?: string }>(async (context, { user }) => (await work()).list(context, user)))
  withLimits(filters.command('add'))
    .description('adds a filter; deals that pass one of the filters are in the report')
    .option('--title-contains <text>', 'with this in the title, in whatever case')
    .addOption(new Option('--user <e-mail>', 'whose; the only user unless given').env('KEEPER_USER'))
    .addHelpText('after', examples('keeper filters add --domain de --min-discount 40 --min-rating 4'))
    .action(run<FilterOptions>(async (context, options) => (await work()).add(context, options)))
  filters
    .command('remove <id>')
    .description('removes a filter')
    .addHelpText('after', examples('keeper filters remove 3'))
    .action(run<{ id: string }>(async (context, { id }) => (await work()).remove(context, id), 'id'))
}
