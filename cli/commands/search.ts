import type { OutputOf } from '../../client/keeper.ts'
import type { CommandContext } from '../context.ts'
import { counted } from '../output/plural.ts'
import { table } from '../output/table.ts'
import { DEAL_COLUMNS, type DealLimits } from './deals.ts'

export interface SearchOptions extends DealLimits {
  readonly words: readonly string[]
  readonly sort: 'relevance' | 'price' | 'discount' | 'newest'
  readonly most: number
}

const SOURCES: Readonly<Record<OutputOf<'deals.search'>['source'], string>> = {
  opensearch: 'OpenSearch',
  postgres: 'Postgres',
}

export async function search(
  context: CommandContext,
  { words, most, ...wanted }: SearchOptions,
): Promise<void> {
  const keeper = await context.keeper()
  const found = await keeper.call('deals.search', { query: words.join(' '), limit: most, ...wanted })
  if (found.notice !== null) context.say(found.notice)
  if (context.isJson) return context.print(JSON.stringify(found, null, 2))
  const { rows, match, source, hasMore } = found
  if (rows.length === 0) return context.say(`No deal is like that (searched in ${SOURCES[source]}).`)
  if (match === 'similar') context.say('No title has these words; these have words like them.')
  context.print(table(DEAL_COLUMNS, rows, context.width))
  const more = hasMore ? `The first ${most}; -n shows more. ` : ''
  context.say(`${more}Searched in ${SOURCES[source]}.`)
}

/** Call by call: each goes on where the one before it ended, as does another `reindex` after one that was cut short. */
export async function reindex(context: CommandContext): Promise<void> {
  const keeper = await context.keeper()
  await context.confirm(`Make a new index of deals in ${keeper.title}, and remove the one before it?`)
  for (;;) {
    const reached: OutputOf<'deals.reindex'> = await keeper.call('deals.reindex', {})
    if (reached.state === 'copying') {
      context.say(`${reached.from} to ${reached.to}: ${reached.copied} of ${reached.total}`)
      continue
    }
    if (context.isJson) return context.print(JSON.stringify(reached, null, 2))
    const { from, to, documents } = reached
    const deals = counted(documents, 'deal')
    return context.say(from === null ? `${to} was made.` : `${to} has replaced ${from}: ${deals}.`)
  }
}
