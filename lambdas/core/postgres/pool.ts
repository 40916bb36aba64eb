import pg from 'pg'
import { type Environment, oneOf, required } from '../environment.ts'
import * as ENVIRONMENT from '../environment-names.ts'
import { KeeperError, messageOf } from '../errors.ts'
import { rdsToken } from './rds-token.ts'
import { checkSchemaVersion } from './schema-version.ts'

/**
 * The connection settings in DATABASE_URL and DATABASE_AUTHENTICATION.
 * @throws KeeperError `environment_missing` or `environment_invalid` naming the variable
 */
export function connectionConfig(environment: Environment): pg.ClientConfig {
  const url = parseDatabaseUrl(required(environment, ENVIRONMENT.databaseUrl))
  const authentication = oneOf(environment, ENVIRONMENT.databaseAuthentication, ['iam', 'password'])
  return {
    host: url.host,
    port: url.port,
    database: url.database,
    user: url.user,
    // Tokens expire, so each new connection gets its own.
    password: authentication === 'iam' ? () => rdsToken(url, environment) : url.password,
    // Node trusts the CAs of NODE_EXTRA_CA_CERTS, among them Amazon's for RDS.
    // https://docs.aws.amazon.com/lambda/latest/dg/services-rds.html
    ssl: authentication === 'password' ? false : { rejectUnauthorized: true },
    connectionTimeoutMillis: 10_000,
    // Detects a peer that disappeared silently, even while nothing is sent.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: environment[ENVIRONMENT.functionName] ?? 'keeper',
    // On RDS the parameter group sets it, because RDS Proxy refuses command-line options:
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connecting.html
    ...(authentication === 'iam' ? {} : { options: '-c timezone=UTC' }),
  }
}

export interface PoolOptions {
  /** A query without an answer for this long fails, and its connection is closed. Default: no limit. */
  readonly queryTimeoutMs?: number
}

/**
 * A pool for one execution environment, which handles one event at a time: one connection, opened by the first query.
 * Lambda freezes the process between events, so no timer closes an idle connection. A statement is sent at once,
 * without waiting for earlier answers; Postgres runs them in order.
 * https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 * A new connection fails if the schema no longer works with this code (schema-version.ts).
 */
export function createPool(environment: Environment, { queryTimeoutMs }: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    ...connectionConfig(environment),
    max: 1,
    idleTimeoutMillis: 0,
    pipeline: true,
    query_timeout: queryTimeoutMs,
    onConnect: checkSchemaVersion,
  })
  // The pool drops an idle connection that breaks; the next query opens a new one and reports any error.
  pool.on('error', () => undefined)
  return pool
}

interface DatabaseUrl {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

function parseDatabaseUrl(text: string): DatabaseUrl {
  try {
    const url = new URL(text)
    if (!/^postgres(ql)?:$/.test(url.protocol) || !url.hostname)
      throw new Error('it is not a postgresql:// address')
    return {
      host: url.hostname,
      port: Number(url.port || 5432),
      database: decodeURIComponent(url.pathname.slice(1)) || 'keeper',
      user: decodeURIComponent(url.username) || 'keeper',
      password: decodeURIComponent(url.password),
    }
  } catch (error) {
    throw new KeeperError(
      'environment_invalid',
      `DATABASE_URL cannot be parsed (${messageOf(error)}): use the form postgresql://user@host:5432/keeper.`,
    )
  }
}
