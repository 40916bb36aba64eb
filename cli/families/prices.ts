import type { Command } from 'commander'
import type { PricesOptions } from '../commands/prices.ts'
import { examples, run } from '../run.ts'
import { wholeNumber } from './whole-number.ts'

const work = () => import('../commands/prices.ts')

/** `keeper prices ASIN` */
export function addPrices(program: Command): void {
  program
    .command('prices <product>')
    .description(
      "a product's price history as a chart, and the numbers: now, lowest, highest, median by time",
    )
    .option('--domain <domain>', 'the marketplace of an ASIN, such as de or co.uk')
    .option('--days <n>', 'how far back', wholeNumber, 90)
    .option('--csv', 'the prices as CSV instead')
    .addHelpText('after', examples('keeper prices B07W6JN8V8', 'keeper prices B07W6JN8V8 --days 365 --csv'))
    .action(
      run<PricesOptions>(async (context, { csv, ...options }) => {
        await (await work())[csv ? 'csv' : 'chart'](context, options)
      }, 'product'),
    )
}
