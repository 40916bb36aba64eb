import type { Command } from 'commander'
import type { Muting } from '../commands/users.ts'
import { examples, run } from '../run.ts'

const work = () => import('../commands/users.ts')

interface Settings {
  readonly email?: string
  readonly locale?: string
  readonly timeZone?: string
  readonly quiet?: string
  readonly digest?: string
}

/** `keeper users ...` */
export function addUsers(program: Command): void {
  const users = program.command('users').description('people whose watches Keeper keeps')
  users
    .command('list')
    .description('users, with how much belongs to each')
    .action(run(async (context) => (await work()).list(context)))
  users
    .command('add <e-mail>')
    .description('adds a user; an existing one is left unchanged')
    .addHelpText('after', examples('keeper users add ada@example.com'))
    .action(run<{ email: string }>(async (context, { email }) => (await work()).add(context, email), 'email'))
  users
    .command('show [e-mail]')
    .description('a user: what belongs to it, what it is told and when, what is muted or off')
    .action(
      run<{ email?: string }>(async (context, { email }) => (await work()).show(context, email), 'email'),
    )
  users
    .command('set [e-mail]')
    .description('how a user reads, and when it is told of things')
    .option('--locale <locale>', 'the language of messages and how they write numbers: de, en, en-GB')
    .option('--time-zone <zone>', 'Europe/Berlin, or any other name of the IANA database')
    .option(
      '--quiet <hours>',
      'hours by the clock there in which nothing is sent, 22:00-07:00; off ends them',
    )
    .option('--digest <time>', 'when all alerts of a day come in one message, 08:00; off: they come at once')
    .addHelpText(
      'after',
      examples(
        'keeper users set ada@example.com --locale de --time-zone Europe/Berlin',
        'keeper users set ada@example.com --quiet 22:00-07:00 --digest 08:00',
      ),
    )
    .action(run<Settings>(async (context, wanted) => (await work()).set(context, wanted), 'email'))
  kindOf(users.command('mute [e-mail]'))
    .description('ends messages of a kind')
    .addHelpText('after', examples('keeper users mute ada@example.com --kind report'))
    .action(run<Muting>(async (context, wanted) => (await work()).mute(context, wanted), 'email'))
  kindOf(users.command('unmute [e-mail]'))
    .description('sends messages of a kind again')
    .addHelpText('after', examples('keeper users unmute ada@example.com --kind all'))
    .action(run<Muting>(async (context, wanted) => (await work()).unmute(context, wanted), 'email'))
  users
    .command('remove <e-mail>')
    .description('removes a user, with all of theirs: watches, alerts, filters, reports, messages, channels')
    .addHelpText('after', examples('keeper users remove ada@example.com'))
    .action(
      run<{ email: string }>(async (context, { email }) => (await work()).remove(context, email), 'email'),
    )
}

const kindOf = (command: Command): Command =>
  command.requiredOption('--kind <kind>', 'alert (digests with them), report, notice or all')
