import { own } from '../own.ts'
import type { AlarmRule, Datapoint } from './alarm-rule.ts'
import { type Breach, crossed, insufficient, noData } from './state-reason.ts'

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

export interface Verdict {
  readonly state: AlarmState
  readonly reason: string
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const COMPARISONS: Readonly<Record<string, Breach>> = {
  GreaterThanThreshold: { words: 'greater than', breaches: (a, b) => a > b },
  GreaterThanOrEqualToThreshold: { words: 'greater than or equal to', breaches: (a, b) => a >= b },
  LessThanThreshold: { words: 'less than', breaches: (a, b) => a < b },
  LessThanOrEqualToThreshold: { words: 'less than or equal to', breaches: (a, b) => a <= b },
}

export const isComparison = (name: string): boolean => own(COMPARISONS, name) !== undefined

/**
 * CloudWatch looks further back than the evaluation periods, for datapoints in place of missing ones. How far, depends
 * on the period; AWS's examples are of 5 for 3.
 */
export const MORE_PERIODS = 2

/**
 * An alarm's state from the datapoints of its evaluation range, oldest first. The newest `evaluationPeriods` that are
 * not missing decide; where there are fewer, as many missing ones as are needed count as the alarm says. What was
 * before `knownSinceMs` is not known: it is missing, and never counts as breaching.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluate(
  rule: AlarmRule,
  range: readonly Datapoint[],
  before: AlarmState,
  knownSinceMs = 0,
): Verdict {
  const { evaluationPeriods: periods, datapointsToAlarm: needed, missing } = rule
  const compared = own(COMPARISONS, rule.comparison)
  const breaches = (value = 0) => compared?.breaches(value, rule.threshold) ?? false
  const real = range.filter(({ value }) => value !== undefined).slice(-periods)
  const breaching = real.filter(({ value }) => breaches(value))
  const fine = real.filter(({ value }) => !breaches(value))
  const filled = periods - real.length
  const words = compared?.words ?? ''
  const alarm = (): Verdict => ({
    state: 'ALARM',
    reason: real.length > 0 ? crossed(rule, words, breaching, 'ALARM') : noData(rule),
  })
  const ok = (): Verdict => ({
    state: 'OK',
    reason: fine.length > 0 ? crossed(rule, words, fine, 'OK') : noData(rule),
  })
  const retained: Verdict = { state: before, reason: insufficient(filled) }

  if (breaching.length >= needed) return alarm()
  if (filled === 0 || missing === 'notBreaching') return ok()
  if (missing === 'breaching') {
    const recent = range.slice(-periods)
    const unknown = recent.filter(({ atMs, value }) => value === undefined && atMs < knownSinceMs).length
    if (breaching.length + Math.max(filled - unknown, 0) >= needed) return alarm()
    return fine.length > 0 ? ok() : retained
  }
  if (fine.length > 0) return ok()
  if (missing === 'ignore') return retained
  if (real.length === 0) return { state: 'INSUFFICIENT_DATA', reason: insufficient(filled) }
  return isOldEnough(range, breaching[0], needed) ? alarm() : retained
}

/**
 * One breaching datapoint after missing ones may be a single one. Once it is as old as the datapoints to alarm, and
 * nothing better has followed, it is an alarm.
 */
const isOldEnough = (range: readonly Datapoint[], oldest: Datapoint | undefined, needed: number): boolean =>
  oldest !== undefined && range.length - range.indexOf(oldest) >= needed
