import { KeeperError, messageOf } from '../core/errors.ts'
import { explainConnectionError } from '../core/kafka/connection-errors.ts'
import { isRolledBack, needsNewConnection } from '../core/postgres/sql-errors.ts'

/** Brokers or a database that cannot be reached, or that is busy, are said so; what nobody foresaw is thrown. */
export function explained(error: unknown, bootstrapServers: string): KeeperError {
  if (error instanceof KeeperError) return error
  const name = error instanceof Error ? error.name : ''
  if (/^KafkaJS(Connection|NumberOfRetries|BrokerNotFound|RequestTimeout)/.test(name)) {
    return explainConnectionError(error, bootstrapServers)
  }
  if (needsNewConnection(error)) {
    return new KeeperError('database_unreachable', `Postgres cannot be reached: ${messageOf(error)}`, {
      cause: error,
    })
  }
  if (isRolledBack(error)) {
    return new KeeperError('busy', 'Another change of the same rows was in the way: ask again.', {
      cause: error,
    })
  }
  throw error
}

/** One of several things that were read together: it, or why it could not be read. */
export type Part<Value> =
  | { readonly value: Value }
  | { readonly error: { readonly code: string; readonly message: string } }

/** Reads a part; that it cannot be reached is an answer. */
export async function partOf<Value>(read: Promise<Value>, bootstrapServers: string): Promise<Part<Value>> {
  try {
    return { value: await read }
  } catch (error) {
    const { code, message } = explained(error, bootstrapServers)
    return { error: { code, message } }
  }
}
