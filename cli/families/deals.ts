import type { Command } from 'commander'
import type { DealsOptions } from '../commands/deals.ts'
import { examples, run } from '../run.ts'
import { wholeNumber } from './whole-number.ts'

const work = () => import('../commands/deals.ts')

/** `keeper deals list` */
export function addDeals(program: Command): void {
  withLimits(
    program
      .command('deals')
      .description('deals that were collected')
      .command('list')
      .description('the newest deal of each product, the largest discount first'),
  )
    .option('-n, --most <count>', 'the most deals', wholeNumber, 50)
    .addHelpText('after', examples('keeper deals list --domain de --min-discount 40 --max-price 100'))
    .action(run<DealsOptions>(async (context, options) => (await work()).list(context, options)))
}

/** What limits deals, here and in filters. */
export const withLimits = (command: Command): Command =>
  command
    .option('--domain <domain>', 'of this marketplace alone')
    .option('--min-discount <percent>', 'with at least this discount', Number)
    .option('--max-price <price>', 'up to this price')
    .option('--min-rating <stars>', 'with at least this rating', Number)
