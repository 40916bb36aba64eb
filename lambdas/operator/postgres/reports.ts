import { isoDate, object, optional, pipe, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import type { DealObservation } from '../../core/events/deal-update.ts'
import { operation } from '../operation.ts'
import { user } from './inputs.ts'
import { iso } from './page.ts'
import { personOf } from './people.ts'

/** A user's deals of a day. */
export interface DealReport {
  readonly user: string
  /** The day in the schedule's time zone, `2026-02-20`. */
  readonly date: string
  readonly madeAt: string
  readonly deals: readonly DealObservation[]
}

export const showReport = operation({
  access: 'read',
  does: "Shows a user's daily deal report: the newest, or that of a day.",
  input: object({
    user: optional(user),
    date: optional(pipe(string('a day is a string'), isoDate('write a day like 2026-02-20'))),
  }),
  run: async ({ user: whose, date }, { pool }): Promise<DealReport> => {
    const person = await personOf(pool(), whose)
    const { rows } = await pool().query<Omit<DealReport, 'user'>>(
      `select to_char(report_date, 'YYYY-MM-DD') as date, ${iso('created_at')} as "madeAt", deals
       from deal_reports where user_id = $1 and ($2::date is null or report_date = $2)
       order by report_date desc limit 1`,
      [person.id, date ?? null],
    )
    if (rows[0]) return { user: person.email, ...rows[0] }
    const { rows: days } = await pool().query<{ day: string }>(
      "select to_char(report_date, 'YYYY-MM-DD') as day from deal_reports where user_id = $1 order by report_date desc limit 5",
      [person.id],
    )
    const there = days.map(({ day }) => day).join(', ')
    const hint = there
      ? `; there are reports of ${there}`
      : '; the daily deal report covers users who have a filter: keeper filters add'
    throw new KeeperError(
      'no_such_report',
      `${person.email} has no report${date ? ` of ${date}` : ''}${hint}.`,
    )
  },
})
