import { boolean, object, optional, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { type Bytes, bytesOf } from '../kafka/read-records.ts'
import { operation, type Page } from '../operation.ts'
import { id } from './inputs.ts'
import { iso, PAGE_ROWS, pageOf } from './page.ts'

/** A record that could not be stored, without its bytes. */
export interface RejectedSummary {
  readonly id: string
  readonly topic: string
  readonly partition: number
  /** As text: offsets are 64 bits. */
  readonly offset: string
  /** The consumer group that rejected it. */
  readonly group: string
  readonly reason: string
  readonly detail: string
  readonly rejectedAt: string
  readonly redrivenAt: string | null
}

export interface RejectedDetails extends RejectedSummary {
  /** The record's own time; null where it has none. */
  readonly recordedAt: string | null
  readonly key: Bytes
  readonly value: Bytes
  readonly headers: readonly { readonly name: string; readonly value: Bytes }[]
}

/** A header as the table keeps it; the value is Base64. */
export interface StoredHeader {
  readonly key: string
  readonly value: string | null
}

const SUMMARY = `id, topic, partition, "offset"::text as "offset", consumer_group as "group", reason, detail, ${iso('rejected_at')} as "rejectedAt",
  ${iso('redriven_at')} as "redrivenAt"`

export const listRejected = operation({
  access: 'read',
  does: 'Lists rejected records, the newest first.',
  input: object({
    reason: optional(string()),
    topic: optional(string()),
    group: optional(string()),
    /** Whether those that were redriven are left out. */
    open: optional(boolean(), false),
    cursor: optional(string()),
  }),
  run: async ({ reason, topic, group, open, cursor }, { pool }): Promise<Page<RejectedSummary, string>> => {
    const { rows } = await pool().query<RejectedSummary>(
      `select ${SUMMARY} from rejected_records
       where ($1::bigint is null or id < $1) and ($2::text is null or reason = $2)
         and ($3::text is null or topic = $3) and (not $4 or redriven_at is null)
         and ($5::text is null or consumer_group = $5)
       order by id desc limit ${PAGE_ROWS}`,
      [cursor ?? null, reason ?? null, topic ?? null, open, group ?? null],
    )
    return pageOf(rows, (row) => row.id)
  },
})

interface Row extends RejectedSummary {
  readonly recordedAt: string | null
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly StoredHeader[]
}

export const showRejected = operation({
  access: 'read',
  does: 'Shows a rejected record with its bytes, headers and origin.',
  input: object({ id }),
  run: async (input, { pool }): Promise<RejectedDetails> => {
    const { rows } = await pool().query<Row>(
      `select ${SUMMARY}, ${iso('record_timestamp')} as "recordedAt", key, value, headers
       from rejected_records where id = $1`,
      [input.id],
    )
    const [row] = rows
    if (!row) throw await noSuchRecord(pool(), input.id)
    const { key, value, headers, ...summary } = row
    return {
      ...summary,
      key: bytesOf(key),
      value: bytesOf(value),
      headers: headers.map(({ key: name, value: held }) => {
        return { name, value: bytesOf(held === null ? null : Buffer.from(held, 'base64')) }
      }),
    }
  },
})

/** The error for an id that no rejected record has. */
export async function noSuchRecord(
  queries: { query(text: string, values: unknown[]): Promise<{ rows: { id: string }[] }> },
  missing: string,
): Promise<KeeperError> {
  const { rows } = await queries.query(
    'select id::text from rejected_records as near order by abs(near.id - $1::bigint), near.id limit 3',
    [missing],
  )
  const near = rows.map((row) => row.id)
  const hint = near.length > 0 ? `; ids near it: ${near.join(', ')}` : ''
  return new KeeperError('no_such_record', `There is no rejected record ${missing}${hint}.`)
}
