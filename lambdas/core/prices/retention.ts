import type { AcceptedRecord, TopicConsumer } from '../consuming/topic-consumer.ts'
import { type Environment, type EnvironmentName, optional } from '../environment.ts'
import type { EventTime } from '../events/timestamp.ts'
import { METRICS } from '../metrics.ts'
import type { TimeFlag } from './price-history.ts'

/**
 * The first instant of the history that is kept: whole months are forgotten, this many before the present one stay.
 * @param months undefined: everything is kept
 * @returns milliseconds since 1970
 */
export function retentionStartMs(months: number | undefined, nowMs: number): number {
  if (months === undefined) return Number.NEGATIVE_INFINITY
  const now = new Date(nowMs)
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)
}

/** A number of months in an environment variable; undefined where it is not set. */
export function monthsOf(environment: Environment, name: EnvironmentName): number | undefined {
  const months = optional(environment, name, '')
  return months === '' ? undefined : Number(months)
}

interface TimedRecord extends AcceptedRecord {
  readonly time: EventTime
  readonly timeFlag: TimeFlag | null
}

/**
 * The consumer of a history that is forgotten after some months: what is older is counted and not stored, so that nothing
 * that was forgotten comes back, from a replay or an import. Implausible times are no times, and are kept.
 */
export function withinRetention<Accepted extends TimedRecord>(
  consumer: TopicConsumer<Accepted>,
  months: number | undefined,
): TopicConsumer<Accepted> {
  if (months === undefined) return consumer
  return {
    ...consumer,
    metrics: [...consumer.metrics, METRICS.recordsBeyondRetention],
    read: (text, record, nowMs) => {
      const found = consumer.read(text, record, nowMs)
      if (!('accepted' in found)) return found
      const { time, timeFlag } = found.accepted
      const isBeyond = timeFlag !== 'implausible' && time.micros < retentionStartMs(months, nowMs) * 1_000
      return isBeyond ? { ignored: METRICS.recordsBeyondRetention } : found
    },
  }
}
