import { type Command, Option } from 'commander'
import type { SearchOptions } from '../commands/search.ts'
import { examples, run } from '../run.ts'
import { withLimits } from './deals.ts'
import { wholeNumber } from './whole-number.ts'

const work = () => import('../commands/search.ts')

/** `keeper search "logitech k380"` */
export function addSearch(program: Command): void {
  const search = program.command('search <words...>')
  withLimits(search.description('deals by words of their titles: whole words, beginnings, parts, and typos'))
    .addOption(
      new Option('--sort <by>', 'the order')
        .choices(['relevance', 'price', 'discount', 'newest'])
        .default('relevance'),
    )
    .option('-n, --most <count>', 'the most deals, 200 at most', wholeNumber, 20)
    .addHelpText(
      'after',
      examples(
        'keeper search "logitech k380" --domain de --max-price 50 --min-rating 4 --min-discount 20',
        'keeper search tastatur --sort price',
      ),
    )
    .action(run<SearchOptions>(async (context, options) => (await work()).search(context, options), 'words'))
  search
    .command('reindex')
    .description('fills a new index of OpenSearch while the old one answers, compares both, and moves over')
    .action(run(async (context) => (await work()).reindex(context)))
}
