import type { Pool } from 'pg'
import type { DealObservation } from '../../core/events/deal-update.ts'
import { OBSERVATION, PASSES } from './filtered-deals.ts'

const SELECT = `
with recent as materialized (
  select deals.*, lower(title) as words from deals where deal_at > now() - interval '24 hours'
)
select ${OBSERVATION} as deal
from recent as deal
where exists (select from deal_filters as filter where ${PASSES})
order by deal.domain, deal.asin
`

/** All deals of the last 24 hours that pass a filter, each once. */
export async function dealsOfLastDay(pool: Pool): Promise<readonly DealObservation[]> {
  const { rows } = await pool.query<{ deal: DealObservation }>(SELECT)
  return rows.map(({ deal }) => deal)
}
