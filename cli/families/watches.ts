import { type Command, Option } from 'commander'
import type { AddOptions, Reference } from '../commands/watches.ts'
import { examples, run } from '../run.ts'

const work = () => import('../commands/watches.ts')

interface Snooze extends Reference {
  readonly until: string
  readonly letTargetThrough?: boolean
}

/** `keeper watches ...` */
export function addWatches(program: Command): void {
  const watches = program.command('watches').description('watched products')
  watches
    .command('list')
    .description('watches, with current prices and targets')
    .option('--user <e-mail>', "this user's alone")
    .option('--status <status>', 'ACTIVE, PAUSED or INACTIVE alone')
    .action(
      run<{ user?: string; status?: string }>(async (context, filter) =>
        (await work()).list(context, filter),
      ),
    )
  forUser(watches.command('add <product>'))
    .description('watches a product, by any address of Amazon or its ASIN')
    .option('--target <price>', 'the price that raises an alert; without it, only the history is kept')
    .option('--drop <percent>', 'a target so much below the usual price, the median of 90 days: 15%')
    .option('--below-lowest <days>', 'a target below the lowest price of so many days: 90d')
    .addHelpText(
      'after',
      examples(
        'keeper watches add https://www.amazon.de/dp/B07W6JN8V8 --target 45',
        'keeper watches add B07W6JN8V8 --domain co.uk --target 39.50 --user ada@example.com',
        'keeper watches add B07W6JN8V8 --drop 15%',
        'keeper watches add B07W6JN8V8 --below-lowest 90d',
      ),
    )
    .action(run<AddOptions>(async (context, wanted) => (await work()).add(context, wanted), 'product'))
  forUser(watches.command('show <watch>'))
    .description('a watch, by its id, ASIN or address')
    .addHelpText('after', examples('keeper watches show B07W6JN8V8'))
    .action(run<Reference>(async (context, wanted) => (await work()).show(context, wanted), 'watch'))
  forUser(watches.command('target <watch> <price>'))
    .description('sets the target of a watch; 0 means none')
    .addHelpText('after', examples('keeper watches target B07W6JN8V8 42.50'))
    .action(
      run<Reference & { price: string }>(
        async (context, { price, ...wanted }) => (await work()).target(context, wanted, price),
        'watch',
        'price',
      ),
    )
  forUser(watches.command('pause <watch>'))
    .description('a paused watch raises no alert')
    .action(run<Reference>(async (context, wanted) => (await work()).pause(context, wanted), 'watch'))
  forUser(watches.command('resume <watch>'))
    .description('the end of a pause')
    .action(run<Reference>(async (context, wanted) => (await work()).resume(context, wanted), 'watch'))
  forUser(watches.command('snooze <watch>'))
    .description('holds the alerts of a watch until a day; what still holds then is told then')
    .requiredOption('--until <day>', 'a day by the clock of its user, 2026-12-24, or a time with its zone')
    .option('--let-target-through', 'tells all the same where the price is at the target or below')
    .addHelpText('after', examples('keeper watches snooze B07W6JN8V8 --until 2026-12-24'))
    .action(run<Snooze>(async (context, wanted) => (await work()).snooze(context, wanted), 'watch'))
  forUser(watches.command('unsnooze <watch>'))
    .description('tells the alerts of a snoozed watch from now on')
    .action(run<Reference>(async (context, wanted) => (await work()).unsnooze(context, wanted), 'watch'))
  forUser(watches.command('remove <watch>'))
    .description('removes a watch and its alerts; the history of prices stays')
    .action(run<Reference>(async (context, wanted) => (await work()).remove(context, wanted), 'watch'))
  watches
    .command('import <file>')
    .description('watches of a CSV file with the columns product (or asin), domain, target, user, status')
    .addOption(userOption('whose the rows are that name no user'))
    .addHelpText('after', examples('keeper watches import watches.csv --user ada@example.com'))
    .action(
      run<{ file: string; user?: string }>(
        async (context, { file, user }) => (await work()).importFile(context, file, user),
        'file',
      ),
    )
  watches
    .command('export')
    .description('the watches as CSV, as import reads it')
    .option('--user <e-mail>', "this user's alone")
    .addHelpText('after', examples('keeper watches export > watches.csv'))
    .action(run<{ user?: string }>(async (context, { user }) => (await work()).exportAll(context, user)))
}

const forUser = (command: Command): Command =>
  command
    .option('--domain <domain>', 'the marketplace of an ASIN, such as de or co.uk')
    .addOption(userOption('whose watch'))

const userOption = (description: string): Option =>
  new Option('--user <e-mail>', `${description}; the only user unless given`).env('KEEPER_USER')
