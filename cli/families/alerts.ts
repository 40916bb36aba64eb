import type { Command } from 'commander'
import type { AlertsOptions } from '../commands/alerts.ts'
import { examples, run } from '../run.ts'
import { wholeNumber } from './whole-number.ts'

const work = () => import('../commands/alerts.ts')

/** `keeper alerts ...` */
export function addAlerts(program: Command): void {
  const alerts = program.command('alerts').description('alerts of watches whose target was met')
  alerts
    .command('list')
    .description('alerts, the newest first')
    .option('--status <status>', 'PENDING, SENT, FAILED or SUPERSEDED alone')
    .option('--user <e-mail>', "this user's alone")
    .option('-n, --most <count>', 'the most alerts', wholeNumber, 50)
    .addHelpText('after', examples('keeper alerts list --status PENDING'))
    .action(run<AlertsOptions>(async (context, options) => (await work()).list(context, options)))
  alerts
    .command('show <id>')
    .description('an alert')
    .addHelpText('after', examples('keeper alerts show 4'))
    .action(run<{ id: string }>(async (context, { id }) => (await work()).show(context, id), 'id'))
}
