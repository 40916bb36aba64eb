import { object } from 'valibot'
import { operation } from '../operation.ts'
import { iso } from './page.ts'

/** A producer's last run. */
export interface ProducerRun {
  readonly producer: string
  readonly startedAt: string | null
  /** When a pass was last completed. */
  readonly finishedAt: string | null
  /** The scheduled time of the last complete pass. */
  readonly completedFor: string | null
  /** Whether a run holds the lease. */
  readonly isRunning: boolean
  /** Whether a pass is incomplete: the next run resumes it. */
  readonly isIncomplete: boolean
}

export const listRuns = operation({
  access: 'read',
  does: 'Lists the last run of each producer that has run.',
  input: object({}),
  run: async (_, { pool }): Promise<ProducerRun[]> => {
    const { rows } = await pool().query<ProducerRun>(
      `select producer, ${iso('started_at')} as "startedAt", ${iso('finished_at')} as "finishedAt",
         ${iso('completed_for')} as "completedFor", coalesce(lease_until >= now(), false) as "isRunning",
         cursor is not null as "isIncomplete"
       from producer_runs order by producer`,
    )
    return rows
  },
})
