import { setTimeout as pause } from 'node:timers/promises'
import type { RejectedRecord } from '../../core/consuming/rejected-records.ts'
import type { Forwarded, TopicForwarder } from '../../core/consuming/topic-forwarder.ts'
import { codeOf } from '../../core/errors.ts'
import { METRICS } from '../../core/metrics.ts'
import type { OpenSearch } from '../../core/search/open-search.ts'
import type { DealRecord } from './deal-record.ts'
import { type DealRequests, dealRequests } from './deal-requests.ts'

/** Pauses before what a busy cluster did not take is sent again. After the last, Lambda delivers it again. */
const PAUSES_MS = [250, 1_000, 2_000]

type Waiting = Forwarded['again'][number] & { readonly record: DealRecord['record'] }

/**
 * Writes deals into the index. What OpenSearch does not take now is sent again a few times, and then left to the next
 * delivery; where it does not answer at all, at once.
 */
export function dealWriter(search: OpenSearch): TopicForwarder<DealRecord>['forward'] {
  const requests: DealRequests = dealRequests(search)

  return async (records, deadlineMs) => {
    const refused: RejectedRecord[] = []
    let indexed = 0
    let outdated = 0
    let left: readonly DealRecord[] = records
    let again: readonly Waiting[] = []
    for (const pauseMs of [0, ...PAUSES_MS]) {
      if (Date.now() + pauseMs >= deadlineMs && again.length > 0) break
      if (pauseMs > 0) await pause(pauseMs)
      const waiting: { deal: DealRecord; error: unknown }[] = []
      for await (const { deal, outcome } of requests.send(left, deadlineMs)) {
        if (outcome.meaning === 'stored') indexed += 1
        else if (outcome.meaning === 'outdated') outdated += 1
        else if (outcome.meaning === 'again') waiting.push({ deal, error: outcome.error })
        else refused.push({ record: deal.record, reason: 'not_storable', detail: outcome.reason })
      }
      left = waiting.map(({ deal }) => deal)
      again = waiting.map(({ deal, error }) => ({ record: deal.record, error }))
      if (left.length === 0 || waiting.some(({ error }) => codeOf(error) === 'search_unreachable')) break
    }
    return {
      counts: { [METRICS.dealsIndexed]: indexed, [METRICS.dealsOutdated]: outdated },
      refused,
      again,
    }
  }
}
