import type { Command } from 'commander'
import { examples, run } from '../run.ts'
import { wholeNumber } from './whole-number.ts'

const work = () => import('../commands/mail.ts')

/** `keeper mail ...` */
export function addMail(program: Command): void {
  const mail = program.command('mail').description('mails that a local run would have sent')
  mail
    .command('list')
    .description('mails, the newest first')
    .option('-n, --most <count>', 'the most mails', wholeNumber, 20)
    .action(run<{ most: number }>(async (context, { most }) => (await work()).list(context, most)))
  mail
    .command('show [id]')
    .description('a mail with headers and text; the newest unless a part of an id is given')
    .addHelpText('after', examples('keeper mail show', 'keeper mail show 620e125e'))
    .action(run<{ id?: string }>(async (context, { id }) => (await work()).show(context, id), 'id'))
  mail
    .command('open [id]')
    .description('opens a mail in the browser, or prints where its HTML is')
    .action(run<{ id?: string }>(async (context, { id }) => (await work()).open(context, id), 'id'))
}
