import { PAGE_BYTES, type Page } from '../operation.ts'

/** Rows that one query of a page reads. */
export const PAGE_ROWS = 2_000

/** For the select list: a timestamptz as ISO 8601 in UTC, which JSON keeps as it is. */
export const iso = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`

/** The same with milliseconds. */
export const isoMs = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/**
 * A page of `rows`, which were read with `limit ${PAGE_ROWS}`: as many as {@link PAGE_BYTES} holds, at least one.
 * @param cursorOf the place behind a row
 */
export function pageOf<Row, Next>(rows: readonly Row[], cursorOf: (row: Row) => Next): Page<Row, Next> {
  let bytes = 0
  let count = 0
  for (const row of rows) {
    bytes += Buffer.byteLength(JSON.stringify(row))
    if (count > 0 && bytes > PAGE_BYTES) break
    count += 1
  }
  const isLast = count === rows.length && count < PAGE_ROWS
  const last = rows[count - 1]
  return { rows: rows.slice(0, count), next: isLast || last === undefined ? null : cursorOf(last) }
}
