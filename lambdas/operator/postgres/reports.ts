import { check, isoDate, object, optional, pipe, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import type { DealObservation } from '../../core/events/deal-update.ts'
import { operation, type Page } from '../operation.ts'
import { writtenTime } from '../written-time.ts'
import { user } from './inputs.ts'
import { iso, PAGE_ROWS, pageOf } from './page.ts'
import { personOf } from './people.ts'

/** A user's deals of a day: the 100 most valuable (lambdas/producers/daily-deal-report/save-reports.ts). */
export interface DealReport {
  readonly user: string
  /** The day in the schedule's time zone, `2026-02-20`. */
  readonly date: string
  readonly madeAt: string
  readonly deals: readonly DealObservation[]
}

/** A report without its deals. */
export interface ReportSummary {
  readonly id: string
  readonly user: string
  readonly date: string
  readonly madeAt: string
  readonly deals: number
  /** The message that tells it; null until it is in one, or where a newer report was told instead. */
  readonly message: string | null
  /** The message's. */
  readonly status: string | null
  readonly sentAt: string | null
}

export const listReports = operation({
  access: 'read',
  does: 'Lists daily deal reports, the newest first.',
  input: object({ cursor: optional(string()) }),
  run: async ({ cursor }, { pool }): Promise<Page<ReportSummary, string>> => {
    const { rows } = await pool().query<ReportSummary>(
      `select report.id, users.email as "user", to_char(report.report_date, 'YYYY-MM-DD') as date,
         ${iso('report.created_at')} as "madeAt", jsonb_array_length(report.deals) as deals,
         message.id as message, message.status, ${iso('message.sent_at')} as "sentAt"
       from deal_reports as report
       join users on users.id = report.user_id
       left join messages as message on message.id = report.message_id
       where $1::bigint is null or report.id < $1
       order by report.id desc limit ${PAGE_ROWS}`,
      [cursor ?? null],
    )
    return pageOf(rows, (row) => row.id)
  },
})

export const showReport = operation({
  access: 'read',
  does: "Shows a user's daily deal report: the newest, or that of a day.",
  input: object({
    user: optional(user),
    date: optional(
      pipe(
        string('a day is a string'),
        isoDate('write a day like 2026-02-20'),
        check(
          (day) => writtenTime(day) !== undefined,
          ({ input }) => `there is no day ${input}`,
        ),
      ),
    ),
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
