import { KeeperError } from '../../core/errors.ts'
import { bulk, indexLines, inRequests } from '../../core/search/bulk.ts'
import { DEALS_ALIAS } from '../../core/search/deals-index.ts'
import { type DealsTarget, openDealsTarget } from '../../core/search/deals-target.ts'
import type { OpenSearch } from '../../core/search/open-search.ts'
import type { DealRecord } from './deal-record.ts'

/**
 * Half of what the smallest domains take in one request.
 * https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html (network limits)
 */
const MAX_REQUEST_BYTES = 5 * 1024 * 1024

const REQUEST_MS = 30_000

/** What became of a deal. */
export type DealOutcome =
  | { readonly meaning: 'stored' }
  | { readonly meaning: 'outdated' }
  | { readonly meaning: 'refused'; readonly reason: string }
  | { readonly meaning: 'again'; readonly error: unknown }

interface SentDeal {
  readonly deal: DealRecord
  readonly outcome: DealOutcome
}

export interface DealRequests {
  /** Sends each deal once, in order, and yields what became of it. After a request that fails, the rest is not sent. */
  send(deals: readonly DealRecord[], deadlineMs: number): AsyncGenerator<SentDeal>
}

/**
 * `_bulk` requests. They remember which fields the index behind the alias has, and look again after any failure and where
 * another index answers: `keeper search reindex` replaces it, while an older one may lack a field of this code's documents.
 */
export function dealRequests(search: OpenSearch): DealRequests {
  let target: DealsTarget | undefined

  /** The outcomes of one request's deals. */
  const send = async (
    deals: readonly Line[],
    { index, fields }: DealsTarget,
    deadlineMs: number,
  ): Promise<readonly DealOutcome[]> => {
    const timeoutMs = Math.min(REQUEST_MS, deadlineMs - Date.now())
    if (timeoutMs <= 0) throw noTimeLeft()
    const lines = deals.map((deal) => deal.lines)
    const answer = await bulk(search, DEALS_ALIAS, lines, timeoutMs)
    const isIncomplete = answer.index !== index && deals.some(({ deal }) => lacksFields(deal, fields))
    if (isIncomplete) throw replaced()
    return answer.outcomes.map(({ meaning, reason }): DealOutcome => {
      if (meaning === 'again') return { meaning, error: notStored(reason) }
      return meaning === 'refused' ? { meaning, reason } : { meaning }
    })
  }

  return {
    send: async function* (deals, deadlineMs) {
      let failure: unknown
      let sent = 0
      try {
        target ??= await openDealsTarget(search)
        const known = target
        const linesOf = (deal: DealRecord): Line => ({ deal, lines: linesWith(deal, known.fields) })
        for (const request of inRequests(deals.map(linesOf), sizeOf, MAX_REQUEST_BYTES)) {
          const outcomes = await send(request, known, deadlineMs)
          for (const [index, { deal }] of request.entries()) {
            const outcome = outcomes[index] ?? {
              meaning: 'again',
              error: notStored('it is not in the answer'),
            }
            if (outcome.meaning === 'again') target = undefined
            yield { deal, outcome }
          }
          sent += request.length
        }
      } catch (error) {
        target = undefined
        failure = error
      }
      for (const deal of deals.slice(sent)) yield { deal, outcome: { meaning: 'again', error: failure } }
    },
  }
}

interface Line {
  readonly deal: DealRecord
  readonly lines: string
}

const sizeOf = ({ lines }: Line): number => Buffer.byteLength(lines)

const lacksFields = ({ document }: DealRecord, fields: ReadonlySet<string>): boolean =>
  Object.keys(document).some((field) => !fields.has(field))

const linesWith = (deal: DealRecord, fields: ReadonlySet<string>): string =>
  indexLines(
    deal.id,
    deal.version,
    lacksFields(deal, fields) ? JSON.stringify(deal.document, [...fields]) : JSON.stringify(deal.document),
  )

const notStored = (reason: string): KeeperError =>
  new KeeperError('search_not_stored', `OpenSearch did not store a deal: ${reason}`, { retriable: true })

const noTimeLeft = (): KeeperError =>
  new KeeperError('deadline_reached', 'No time is left for another request to OpenSearch.', {
    retriable: true,
  })

const replaced = (): KeeperError =>
  new KeeperError('search_index_replaced', 'The index was replaced while deals were written.', {
    retriable: true,
  })
