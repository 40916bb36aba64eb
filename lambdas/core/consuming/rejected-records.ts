import { createHash } from 'node:crypto'
import type { ClientBase } from 'pg'
import type { Rejection } from '../events/fields.ts'
import { bytesOf, headersOf, type MskRecord, timestampOf } from '../kafka/msk-event.ts'

/** A record that cannot be stored, and why. */
export interface RejectedRecord extends Rejection {
  readonly record: MskRecord
}

const INSERT = `
insert into rejected_records
  (consumer_group, topic, partition, "offset", fingerprint, key, value, headers, record_timestamp, reason, detail)
select $1, topic, partition, "offset", fingerprint, key, value, headers, to_timestamp(timestamp_ms / 1000.0), reason, detail
from unnest(
  $2::text[], $3::integer[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[], $8::json[], $9::bigint[],
  $10::text[], $11::text[]
) as rejected (topic, partition, "offset", fingerprint, key, value, headers, timestamp_ms, reason, detail)
order by topic, partition, "offset"
on conflict do nothing
returning 1
`

/** Quarantines records that a consumer group rejects, each once a group; returns how many were not there yet. */
export async function insertRejectedRecords(
  client: ClientBase,
  group: string,
  rejected: readonly RejectedRecord[],
): Promise<number> {
  if (rejected.length === 0) return 0
  const headers = rejected.map(({ record }) => headersJson(record))
  const result = await client.query(INSERT, [
    group,
    rejected.map(({ record }) => record.topic),
    rejected.map(({ record }) => record.partition),
    rejected.map(({ record }) => record.offset),
    rejected.map(({ record }, index) => fingerprint(record, headers[index] ?? '')),
    rejected.map(({ record }) => bytesOf(record.key)),
    rejected.map(({ record }) => bytesOf(record.value)),
    headers,
    rejected.map(({ record }) => timestampOf(record) ?? null),
    rejected.map(({ reason }) => reason),
    rejected.map(({ detail }) => detail.replaceAll('\u0000', '').slice(0, 2_000)),
  ])
  return result.rowCount ?? 0
}

const headersJson = (record: MskRecord): string =>
  JSON.stringify(
    headersOf(record).map(({ name, value }) => ({ key: name, value: value?.toString('base64') ?? null })),
  )

/** Every part is preceded by its length, so that two different records never hash the same bytes. */
function fingerprint(record: MskRecord, headers: string): Buffer {
  const hash = createHash('sha256').update(`${timestampOf(record)}`)
  for (const part of [bytesOf(record.key), bytesOf(record.value), headers]) {
    hash.update(part === null ? '|null' : `|${Buffer.byteLength(part)}:`).update(part ?? '')
  }
  return hash.digest()
}
