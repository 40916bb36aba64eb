import { type Command, Option } from 'commander'
import { examples, run } from '../run.ts'

const work = () => import('../commands/reports.ts')

/** `keeper reports show` */
export function addReports(program: Command): void {
  program
    .command('reports')
    .description('daily deal reports')
    .command('show')
    .description("a user's newest report, or that of a day")
    .addOption(new Option('--user <e-mail>', 'whose; the only user unless given').env('KEEPER_USER'))
    .option('--date <day>', 'the report of this day, such as 2026-02-20')
    .addHelpText('after', examples('keeper reports show --user ada@example.com'))
    .action(
      run<{ user?: string; date?: string }>(async (context, wanted) => (await work()).show(context, wanted)),
    )
}
