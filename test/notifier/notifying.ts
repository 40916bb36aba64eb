import pg from 'pg'
import type { LogFields } from '../../lambdas/core/logger.ts'
import { STALE_PRICE_HOURS } from '../../lambdas/core/price-check-interval.ts'
import type { NotifierDependencies } from '../../lambdas/notifier/dependencies.ts'
import { runNotifier } from '../../lambdas/notifier/run-notifier.ts'
import type { NotifierSettings } from '../../lambdas/notifier/settings.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { recordingSenders, renderPlain } from './recording-senders.ts'
import { type RecordingService, recordingService } from './recording-service.ts'

const HOUR_MS = 3_600_000

export const SETTINGS: NotifierSettings = {
  collectMs: 60_000,
  mostPerUser: 20,
  mostPerWatch: 3,
  sendsPerSecond: 10_000,
  staleMs: STALE_PRICE_HOURS * HOUR_MS,
  leaseMs: 60_000,
  giveUpMs: 24 * HOUR_MS,
  databaseInstance: '',
}

export const NO_LINKS = { pauseWatch: () => null, leaveKind: null }

/** What differs in one run from the run of every test. */
type Changes = Partial<Omit<NotifierDependencies, 'settings'>> & {
  readonly settings?: Partial<NotifierSettings>
}

/** A database, the service that every channel leads to, and the notifier between them, as its own database user. */
export interface Notifying {
  readonly pool: pg.Pool
  readonly url: string
  readonly service: RecordingService
  readonly logged: (LogFields & { readonly message: string })[]
  run(changes?: Changes): ReturnType<typeof runNotifier>
  query<Row extends pg.QueryResultRow = Record<string, unknown>>(
    sql: string,
    values?: unknown[],
  ): Promise<Row[]>
  close(): Promise<void>
}

export async function notifying(): Promise<Notifying> {
  const database: FreshDatabase = await freshDatabase()
  const service = await recordingService()
  const pools = [asNotifier(database.url)]
  const logged: (LogFields & { readonly message: string })[] = []
  const log = (message: string, fields: LogFields = {}) => void logged.push({ message, ...fields })
  return {
    pool: pools[0] as pg.Pool,
    url: database.url,
    service,
    logged,
    query: async (sql, values) => (await database.pool.query(sql, values)).rows,
    run: ({ settings, ...changes } = {}) =>
      runNotifier({
        pool: pools[0] as pg.Pool,
        senders: recordingSenders(service.url),
        render: renderPlain,
        linksFor: () => NO_LINKS,
        settings: { ...SETTINGS, ...settings },
        log: { info: log, warn: log, error: log },
        claimUntilMs: Date.now() + 60_000,
        deadlineMs: Date.now() + 80_000,
        ...changes,
      }),
    close: async () => {
      await service.close()
      await Promise.all(pools.map((pool) => pool.end()))
      await database.drop()
    },
  }
}

/** A pool of the notifier's database user. */
export const asNotifier = (url: string, options = ''): pg.Pool =>
  new pg.Pool({
    connectionString: url,
    max: 1,
    options: `-c role=keeper_notifier -c timezone=UTC ${options}`,
  })

/** Someone who watches a product whose price has just met the target, and is about to hear of it. */
export interface Told {
  readonly userId: string
  readonly watchId: string
  readonly productId: string
  readonly alertId: string
}

let made = 0

/**
 * A pending alert, raised long enough ago for its collecting window to be over.
 * @param facts of whom and what: a user's columns, a price, what was before
 */
export async function alert(
  { query }: Pick<Notifying, 'query'>,
  {
    userId,
    price = 40,
    target = 45,
    previous = 60,
    raisedAt = new Date(Date.now() - 120_000).toISOString(),
    priceAt = new Date(Date.parse(raisedAt) - 180_000).toISOString(),
    user = {},
  }: {
    userId?: string
    price?: number
    target?: number
    previous?: number | null
    raisedAt?: string
    priceAt?: string
    user?: Readonly<Record<string, string | null>>
  } = {},
): Promise<Told> {
  made += 1
  const columns = Object.keys(user)
  const values = columns.map((_, index) => `$${index + 2}`)
  const [person] = userId
    ? [{ id: userId }]
    : await query<{ id: string }>(
        `insert into users (${['email', ...columns].join(', ')}) values (${['$1', ...values].join(', ')}) returning id`,
        [`person-${made}@test`, ...Object.values(user)],
      )
  // The price is written after the watch, so that no trigger raises the alert: each test says when it was raised.
  const asin = `B${String(made).padStart(9, '0')}`
  const [product] = await query<{ id: string }>(
    "insert into watched_products (asin, domain, title, currency) values ($1, 'de', 'Keyboard', 'EUR') returning id",
    [asin],
  )
  const [watch] = await query<{ id: string }>(
    "insert into watches (user_id, product_id, target_price, status) values ($1, $2, $3, 'ACTIVE') returning id",
    [person?.id, product?.id, target],
  )
  await query(
    'update watched_products set current_price = $2, previous_price = $3, price_at = $4 where id = $1',
    [product?.id, price, previous, priceAt],
  )
  const [raised] = await query<{ id: string }>(
    `insert into price_alerts (watch_id, triggered_price, target_price, previous_price, triggered_at, raised_at)
     values ($1, $2, $3, $4, $5, $6) returning id`,
    [watch?.id, price, target, previous, priceAt, raisedAt],
  )
  return {
    userId: person?.id ?? '',
    watchId: watch?.id ?? '',
    productId: product?.id ?? '',
    alertId: raised?.id ?? '',
  }
}

/** A channel of a user, at the recording service. */
export const channel = async ({ query }: Pick<Notifying, 'query'>, userId: string, kind = 'webhook') => {
  const [row] = await query<{ id: string }>(
    'insert into notification_channels (user_id, kind, address, secret) values ($1, $2, $3, $4) returning id',
    [userId, kind, `https://${kind}.test/${userId}`, 'whsec_never_shown'],
  )
  return row?.id ?? ''
}
