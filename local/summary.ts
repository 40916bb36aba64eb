import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka } from 'kafkajs'
import type pg from 'pg'
import { messageOf } from '../lambdas/core/errors.ts'
import { LastingFailure } from './cloud/lasting-failure.ts'
import type { MappingResource } from './cloud/mapping/mapping-resource.ts'
import { readFacts, readKafkaFacts } from './facts.ts'
import type { Screen } from './screen.ts'

/** What the summary is read from, and where it is shown. */
export interface SummaryOptions {
  readonly bootstrapServers: string
  /** Undefined for an app without our tables: topics are all that is shown. */
  readonly pool: pg.Pool | undefined
  readonly mappings: readonly MappingResource[]
  /** What is in alarm now, by name. */
  readonly inAlarm: () => readonly string[]
  /** When something happened last, in milliseconds since 1970. */
  readonly lastActivityMs: () => number
  readonly screen: Screen
  readonly stopping: AbortSignal
}

const PERIOD_MS = 1_000

/** Where nothing has happened for a while, the facts are read less often, until something does. */
const QUIET_AFTER_MS = 10_000
const QUIET_PERIOD_MS = 10_000

/** At most this part of the time goes into reading the facts, however many rows there are to count. */
const READING_SHARE = 0.2

/** A broker that has just started answers after some seconds. */
const QUIET_MS = 10_000

/** Shows the newest facts about once a second until the run is to stop. Kafka or Postgres may be down meanwhile. */
export async function showSummary(options: SummaryOptions): Promise<void> {
  const { bootstrapServers, pool, mappings, inAlarm, lastActivityMs, screen, stopping } = options
  const kafka = new Kafka({
    clientId: 'local-summary',
    brokers: bootstrapServers.split(','),
    // A broker that is halted answers nothing: the summary says so instead of standing still.
    requestTimeout: 5_000,
    retry: { initialRetryTime: 100, retries: 1 },
    logCreator: () => () => undefined,
  })
  const admin = kafka.admin()
  const failure = new LastingFailure(
    QUIET_MS,
    (reason) => screen.line(`the summary cannot be read: ${reason}`),
    () => screen.line('the summary can be read again'),
  )
  const stopped = new Promise<void>((resolve) => {
    stopping.addEventListener('abort', () => resolve(), { once: true })
  })
  const update = async () => {
    try {
      await admin.connect()
      const facts = pool ? await readFacts(admin, pool, mappings) : await readKafkaFacts(admin, mappings)
      screen.show(facts, inAlarm())
      failure.over()
    } catch (error) {
      if (!stopping.aborted) failure.report(messageOf(error))
    }
  }
  while (!stopping.aborted) {
    const startedAt = Date.now()
    await Promise.race([update(), stopped])
    await sleep(Math.max(PERIOD_MS, (Date.now() - startedAt) / READING_SHARE), undefined, {
      signal: stopping,
    }).catch(() => undefined)
    const quietUntilMs = Date.now() + QUIET_PERIOD_MS
    while (!stopping.aborted && Date.now() < quietUntilMs && isQuiet(lastActivityMs())) {
      await sleep(PERIOD_MS, undefined, { signal: stopping }).catch(() => undefined)
    }
  }
  await admin.disconnect().catch(() => undefined)
}

const isQuiet = (lastActivityMs: number): boolean => Date.now() - lastActivityMs > QUIET_AFTER_MS
