import type { Pool } from 'pg'
import { codeOf, KeeperError, messageOf } from '../../core/errors.ts'
import { SCHEMA_VERSION } from '../../core/postgres/schema-version.ts'
import { iso } from './page.ts'

/** What the tables say of how Keeper does. Times are ISO 8601 in UTC. */
export interface DatabaseStatus {
  /** Postgres's own clock. */
  readonly now: string
  /** By event time; null where there is none yet. */
  readonly newestPrice: string | null
  readonly newestDeal: string | null
  readonly rejectedOpen: number
  readonly alertsPending: number
  /** Since when the notifier waits because the database was restored; null while it tells people. */
  readonly notifierWaitsSince: string | null
  readonly runs: readonly LastRun[]
  readonly history: HistoryStatus
  readonly schema: {
    /** The number of the newest migration that was applied, and of the newest that the operator's code knows. */
    readonly database: number
    readonly code: number
  }
}

/** The price history's partitions. */
export interface HistoryStatus {
  /** Months that have one, and how many of the coming ones. */
  readonly months: number
  readonly ahead: number
  /** Prices with a plausible time in the default partition: they wait for their month. */
  readonly waiting: number
  readonly bytes: number
  /** The partition that is being split by month or thinned, and how many of its rows are copied. */
  readonly rewriting: {
    readonly partition: string
    readonly purpose: 'split' | 'thin'
    readonly rows: number
  } | null
}

/** The last run of a producer. */
export interface LastRun {
  readonly producer: string
  readonly startedAt: string | null
  /** Null before the first run has finished. */
  readonly finishedAt: string | null
  readonly running: boolean
}

const STATUS = `
select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now,
  (select ${iso('max(price_at)')} from watched_products) as "newestPrice",
  (select ${iso('max(deal_at)')} from deals) as "newestDeal",
  (select count(*)::integer from rejected_records where redriven_at is null) as "rejectedOpen",
  (select count(*)::integer from price_alerts where status = 'PENDING') as "alertsPending",
  (select ${iso('found_at')} from notifier_home) as "notifierWaitsSince",
  (select coalesce(max(version), 0) from schema_migrations) as version,
  (
    select coalesce(json_agg(json_build_object(
      'producer', producer, 'startedAt', ${iso('started_at')}, 'finishedAt', ${iso('finished_at')},
      'running', coalesce(lease_until >= now(), false)
    ) order by producer), '[]') from producer_runs
  ) as runs,
  (
    select json_build_object(
      'months', count(*) filter (where name ~ '_\\d{4}_\\d\\d$'),
      'ahead', count(*) filter (where since > now()),
      'waiting', (
        select count(*) from price_history_other
        where time_flag is distinct from 'implausible' and recorded_at >= '2000-01-01 00:00Z'
      ),
      'bytes', sum(bytes),
      'rewriting', (
        select json_build_object('partition', source, 'purpose', purpose, 'rows', rows_read)
        from price_history_rewriting
      )
    ) from price_history_partitions
  ) as history`

/** @throws KeeperError `schema_older` where the database lacks what this code reads */
export async function databaseStatus(pool: Pool): Promise<DatabaseStatus> {
  const { rows } = await pool
    .query<Omit<DatabaseStatus, 'schema'> & { version: number }>(STATUS)
    .catch((error: unknown) => {
      throw UNDEFINED.has(codeOf(error) ?? '') ? olderSchema(error) : error
    })
  const [row] = rows
  if (!row) throw new Error('Postgres gave no status')
  const { version, ...status } = row
  return { ...status, schema: { database: version, code: SCHEMA_VERSION } }
}

/** Undefined table and undefined column: https://www.postgresql.org/docs/18/errcodes-appendix.html */
const UNDEFINED = new Set(['42P01', '42703'])

const olderSchema = (cause: unknown): KeeperError =>
  new KeeperError(
    'schema_older',
    `The database lacks what this code reads (${messageOf(cause)}): its newest migration is older than ${SCHEMA_VERSION}. Run the migrator.`,
    { cause },
  )
