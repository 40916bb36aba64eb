import type { DatabaseError } from 'pg'
import { codeOf, KeeperError, messageOf } from '../errors.ts'
import { OWN_CONSTRAINTS, OWN_NOT_NULL } from './own-constraints.ts'

/**
 * Why storing a batch failed.
 * - `infrastructure`: the records are fine and must be redelivered.
 * - `record`: a record can never be stored; it goes to quarantine.
 */
export type FailureCause = 'infrastructure' | 'record'

/**
 * SQLSTATE classes of failures that no record causes. https://www.postgresql.org/docs/18/errcodes-appendix.html
 * 42 (undefined table, insufficient privilege) is a mistake in the deployment.
 */
const INFRASTRUCTURE_CLASSES = new Set([
  '08', // connection exception
  '0A', // feature not supported
  '25', // invalid transaction state: read-only after a failover, idle in transaction
  '28', // invalid authorization: a rotated password, an expired token
  '3D', // the database does not exist
  '3F', // the schema does not exist
  '40', // serialization failure, deadlock
  '42', // undefined table or column, insufficient privilege
  '53', // insufficient resources: disk full, too many connections
  '55', // lock not available
  '57', // operator intervention: shutdown, statement timeout
  '58', // system error
  'XX', // internal error
])

/** pg's own errors without a code: the connection was lost or never established. */
const PG_MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|query read timeout|connection ended|not queryable|client was closed|cannot use a pool after calling end|server does not support ssl/i

/** Why storing failed. An error that is not a known infrastructure error counts as the record's. */
export function failureCauseOf(error: unknown): FailureCause {
  if (error instanceof KeeperError) return error.retriable ? 'infrastructure' : 'record'
  const code = codeOf(error)
  if (code && isSqlState(code)) {
    const isServers = INFRASTRUCTURE_CLASSES.has(code.slice(0, 2)) || isForeignConstraint(error)
    return isServers ? 'infrastructure' : 'record'
  }
  if (isNodeError(error)) return 'infrastructure'
  return PG_MESSAGES.test(messageOf(error)) ? 'infrastructure' : 'record'
}

/** A constraint that is not from our migrations. A missing partition (23514 too) has no constraint name. */
function isForeignConstraint(error: unknown): boolean {
  const { code, constraint = '', table = '', column = '' } = error as Partial<DatabaseError>
  // Postgres names the partition. https://www.postgresql.org/docs/18/ddl-partitioning.html
  const [owner] = /^price_history(?=_)/.exec(table) ?? [table]
  if (code === '23502') return !OWN_NOT_NULL[owner]?.includes(column)
  return ['23503', '23514', '23P01'].includes(code ?? '') && !OWN_CONSTRAINTS.has(constraint)
}

/**
 * True if an immediate retry on the same connection is likely to succeed: after a serialization failure, a deadlock, if a
 * row is stored already, or if its month was made meanwhile.
 */
export const isConflict = (error: unknown): boolean =>
  ['40001', '40P01'].includes(codeOf(error) ?? '') || isStoredAlready(error) || isOfAnotherPartition(error)

/**
 * True if a row waited for a partition that has changed since: a month of the history was made. Postgres names no
 * constraint then. https://www.postgresql.org/docs/18/sql-altertable.html (ATTACH PARTITION)
 */
function isOfAnotherPartition(error: unknown): boolean {
  const { code, constraint = '', table = '' } = error as Partial<DatabaseError>
  return code === '23514' && constraint === '' && table.startsWith('price_history')
}

/** True if a row with the same key exists. */
export const isStoredAlready = (error: unknown): boolean => codeOf(error) === '23505'

/**
 * True if the connection is unusable and a new one may work: the server went away, became read-only or refused the
 * password.
 */
export function needsNewConnection(error: unknown): boolean {
  const code = codeOf(error)
  if (code && isSqlState(code)) return /^(08|57P0|25006|28)/.test(code)
  return isNodeError(error) || PG_MESSAGES.test(messageOf(error))
}

/** Whether an error's code is a SQLSTATE. Node's EPIPE has five letters too, but no digit. */
export const isSqlState = (code: string | undefined): boolean =>
  code !== undefined && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)

/**
 * Errors of sockets and TLS, by code: ECONNREFUSED, ENOTFOUND, EPIPE, certificate errors. Node's argument errors
 * (ERR_INVALID_ARG_TYPE) are our own bugs.
 */
const isNodeError = (error: unknown): boolean =>
  /^(E(?!RR_)[A-Z_]+|ERR_(SSL|TLS|SOCKET)\w*|\w*CERT\w*)$/.test(codeOf(error) ?? '')
