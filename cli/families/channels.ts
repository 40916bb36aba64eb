import { type Command, Option } from 'commander'
import type { AddOptions } from '../commands/channels.ts'
import { examples, run } from '../run.ts'

const work = () => import('../commands/channels.ts')

const whose = () => new Option('--user <e-mail>', 'whose; the only user unless given').env('KEEPER_USER')

/** A secret on the command line is seen by everyone on the machine, and kept by the shell. */
const secret = () =>
  new Option('--secret <secret>', 'better piped in, or at the prompt').env('KEEPER_CHANNEL_SECRET')

/** `keeper channels ...` */
export function addChannels(program: Command): void {
  const channels = program.command('channels').description('where people are told')
  channels
    .command('list')
    .description("each user's own e-mail, and channels, with what was switched off and why")
    .option('--user <e-mail>', "this user's alone")
    .action(run<{ user?: string }>(async (context, { user }) => (await work()).list(context, user)))
  channels
    .command('add <kind> <address>')
    .description('adds a channel: email, webhook, ntfy, slack, discord or telegram')
    .addOption(whose())
    .addOption(secret())
    .addHelpText(
      'after',
      examples(
        'keeper channels add email ada@example.com',
        'keeper channels add ntfy https://ntfy.sh/my-prices',
        'keeper channels add webhook https://hooks.example.com/keeper < signing-secret',
        "keeper channels add slack '#prices'        # asks for the webhook's address",
        "keeper channels add telegram -1001234567   # asks for the bot's token",
      ),
    )
    .action(
      run<AddOptions>(async (context, options) => (await work()).add(context, options), 'kind', 'address'),
    )
  channels
    .command('secret <id>')
    .description("replaces a channel's secret; two webhook keys with a blank between while a key is replaced")
    .addOption(secret())
    .action(
      run<{ id: string; secret?: string }>(
        async (context, { id, secret: given }) => (await work()).setSecret(context, id, given),
        'id',
      ),
    )
  channels
    .command('test [id]')
    .description('sends a test message to a channel, or to all of a user, and shows what became of it')
    .addOption(whose())
    .addHelpText('after', examples('keeper channels test 5', 'keeper channels test --user ada@example.com'))
    .action(
      run<{ id?: string; user?: string }>(
        async (context, { id, user }) => (await work()).test(context, { id, user }),
        'id',
      ),
    )
  channels
    .command('enable [id]')
    .description("switches a channel on again, or a user's own e-mail, after a bounce or a complaint")
    .addOption(whose())
    .action(
      run<{ id?: string; user?: string }>(
        async (context, { id, user }) => (await work()).enable(context, { id, user }),
        'id',
      ),
    )
  channels
    .command('remove <id>')
    .description('removes a channel')
    .action(run<{ id: string }>(async (context, { id }) => (await work()).remove(context, id), 'id'))
}
