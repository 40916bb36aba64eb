import { array, boolean, maxLength, object, optional, pipe, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { inTransaction } from '../../core/postgres/in-transaction.ts'
import { operation } from '../operation.ts'
import { id } from './inputs.ts'
import type { Queries } from './people.ts'
import { noSuchRecord } from './rejected.ts'
import { type NotSent, type RejectedRow, sendAgain } from './send-again.ts'

/** Which records: these, those of a reason, or all. */
const selection = {
  ids: optional(pipe(array(id), maxLength(10_000, 'at most 10000 ids at a time'))),
  reason: optional(string()),
  all: optional(boolean(), false),
}

interface Selection {
  readonly ids?: readonly string[] | undefined
  readonly reason?: string | undefined
  readonly all: boolean
}

/** Records that one call sends, in one request to Kafka: an answer within seconds, so that a caller can stop. */
const MOST_RECORDS = 500
const MOST_BYTES = 700_000

/** What one call has done. */
export interface Redriven {
  readonly sent: number
  /** What cannot be sent, and why. */
  readonly notSent: readonly NotSent[]
  /** Pass it on with the next call; null where nothing is left. */
  readonly next: string | null
}

export interface RedriveCandidates {
  /** By topic and reason. */
  readonly groups: readonly { readonly topic: string; readonly reason: string; readonly records: number }[]
  readonly records: number
  /** How many of those chosen were redriven before, and are left alone. */
  readonly alreadyRedriven: number
}

const CHOSEN = `($1::bigint[] is null or id = any ($1)) and ($2::text is null or reason = $2)`

/** What tells one record from another. Each consumer group that rejects a record has a row for it. */
const RECORD = `topic, partition, "offset", fingerprint`

export const redriveCandidates = operation({
  access: 'read',
  does: 'Counts the rejected records that a redrive would send to their topics again.',
  input: object(selection),
  run: async (input, { pool }): Promise<RedriveCandidates> => {
    await checkSelection(pool(), input)
    const { rows } = await pool().query<{ topic: string; reason: string; records: number; done: number }>(
      `select topic, reason, count(distinct (${RECORD})) filter (where redriven_at is null)::integer as records,
         count(distinct (${RECORD})) filter (where redriven_at is not null)::integer as done
       from rejected_records where ${CHOSEN} group by grouping sets ((topic, reason), ()) order by topic, reason`,
      [input.ids ?? null, input.reason ?? null],
    )
    // The last row is the sum: a record that two groups rejected for different reasons counts once in it.
    const { records = 0, done = 0 } = rows.at(-1) ?? {}
    return {
      groups: rows
        .slice(0, -1)
        .filter((group) => group.records > 0)
        .map(({ done: _, ...group }) => group),
      records,
      alreadyRedriven: done,
    }
  },
})

export const redrive = operation({
  access: 'change',
  does: 'Sends rejected records to their topics again, each once, and says how many; the caller asks again for more.',
  input: object({ ...selection, cursor: optional(string()) }),
  run: async (input, dependencies): Promise<Redriven> => {
    const pool = dependencies.pool()
    if (input.cursor === undefined) await checkSelection(pool, input)
    // The rows stay locked until they are marked: a redrive at the same time passes them over.
    const { failure, ...redriven } = await inTransaction(pool, async (client) => {
      const { rows, last } = await lockRows(client, input)
      const { sent, notSent, failure } = await sendAgain(rows, dependencies)
      await client.query(MARK, [sent])
      return { sent: sent.length, notSent, next: last, failure }
    })
    if (failure !== undefined) throw failure
    return redriven
  },
})

async function checkSelection(queries: Queries, { ids, reason, all }: Selection): Promise<void> {
  if ([ids !== undefined, reason !== undefined, all].filter(Boolean).length !== 1) {
    throw new KeeperError('input_invalid', 'Name the ids, or a reason, or all.')
  }
  if (ids) {
    const { rows } = await queries.query<{ id: string }>(
      'select id from unnest($1::bigint[]) as wanted (id) where not exists (select from rejected_records r where r.id = wanted.id)',
      [ids],
    )
    if (rows[0]) throw await noSuchRecord(queries, rows[0].id)
  }
  if (reason === undefined) return
  const { rows } = await queries.query<{ reason: string }>(
    'select distinct reason from rejected_records order by 1',
  )
  if (rows.some((row) => row.reason === reason)) return
  const there = rows.map((row) => row.reason).join(', ')
  throw new KeeperError(
    'no_such_reason',
    `No record was rejected for ${reason}${there ? `; reasons are ${there}` : ''}.`,
  )
}

const SAME_RECORD = `other.topic = record.topic and other.partition = record.partition
  and other."offset" = record."offset" and other.fingerprint = record.fingerprint`

/** The rows that were sent, and those of other groups for the same records: every group reads what is sent. */
const MARK = `
update rejected_records set redriven_at = now()
where id in (
  select other.id from rejected_records as record join rejected_records as other on ${SAME_RECORD}
  where record.id = any ($1::bigint[]) and other.redriven_at is null
  for update of other skip locked
)
`

/**
 * By size first: the bytes of 500 records may be more than a function has memory for. A record that another redrive holds
 * is a row without any of its columns, so that the next call resumes behind it.
 */
const LOCK = `
with sized as (
  select id, sum(octet_length(value) + coalesce(octet_length(key), 0) + octet_length(headers::text))
    over (order by id) as bytes, row_number() over (order by id) as place
  from (
    select * from rejected_records as record
    where ${CHOSEN} and id > $3 and redriven_at is null and not exists (
      select from rejected_records as other
      where ${SAME_RECORD} and other.id < record.id and ${CHOSEN} and redriven_at is null
    )
    order by id limit ${MOST_RECORDS}
  ) as next
),
wanted as materialized (
  select id from sized where bytes <= ${MOST_BYTES} or place = 1
),
locked as materialized (
  select id, topic, partition, "offset"::text as "offset", key, value, headers,
    floor(extract(epoch from record_timestamp) * 1000)::bigint::text as "recordedMs"
  from rejected_records
  where id in (select id from wanted) and redriven_at is null
  order by id
  for update skip locked
)
select wanted.id as wanted, locked.*
from wanted left join locked using (id)
order by wanted.id
`

/** The rows that are sent, and the last one that was looked at; null where none is left. */
async function lockRows(
  queries: Queries,
  { ids, reason, cursor }: Selection & { readonly cursor?: string | undefined },
): Promise<{ readonly rows: readonly RejectedRow[]; readonly last: string | null }> {
  const { rows } = await queries.query<{ wanted: string } & (RejectedRow | { id: null })>(LOCK, [
    ids ?? null,
    reason ?? null,
    cursor ?? 0,
  ])
  return { rows: rows.filter((row) => row.id !== null), last: rows.at(-1)?.wanted ?? null }
}
