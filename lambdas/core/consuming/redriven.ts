import { headersOf, type MskRecord } from '../kafka/msk-event.ts'

/**
 * The headers of a record that was rejected and sent to its topic again (docs/events.md).
 * - `from`: `topic/partition/offset` of the record that was rejected; one header for each time.
 * - `count`: how often it was redriven.
 * - `recordTimestamp`: the time of its first record, in milliseconds since 1970.
 */
export const REDRIVEN = {
  from: 'keeper-redriven-from',
  count: 'keeper-redriven-count',
  recordTimestamp: 'keeper-record-timestamp',
} as const

/** The time of a redriven record's first record, in milliseconds since 1970; undefined where no header has one. */
export function firstRecordMs(record: MskRecord): number | undefined {
  const text = headersOf(record)
    .find(({ name }) => name === REDRIVEN.recordTimestamp)
    ?.value?.toString('latin1')
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined
}
