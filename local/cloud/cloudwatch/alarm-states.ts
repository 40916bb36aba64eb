import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { ACCOUNT, alarmArn, REGION } from '../account.ts'
import { messageOf } from '../cloud-error.ts'
import { type AlarmState, evaluate, MORE_PERIODS, type Verdict } from './alarm-evaluation.ts'
import type { AlarmResource } from './alarm-resource.ts'
import { type CompositeAlarmResource, ruleHolds } from './composite-alarm.ts'
import type { MetricStore } from './metric-store.ts'
import { valuesOf } from './queries.ts'

/** One on metrics, or one on the states of others, which come after those. */
type Alarm = AlarmResource | CompositeAlarmResource

/** An alarm as it stands. */
export interface AlarmStatus {
  readonly name: string
  readonly description: string
  readonly state: AlarmState
  readonly reason: string
  /** When it came into this state, in milliseconds since 1970. */
  readonly sinceMs: number
}

/** An alarm that has come into another state. */
export interface AlarmChange extends AlarmStatus {
  readonly before: AlarmState
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_SECONDS = 86_400

/** The states of alarms, and the log of their changes. */
export class AlarmStates {
  readonly #alarms: readonly Alarm[]
  readonly #store: Pick<MetricStore, 'read'>
  readonly #logFile: string
  readonly #changed: (change: AlarmChange) => void
  readonly #statuses: Map<string, AlarmStatus>

  constructor(
    alarms: readonly Alarm[],
    store: Pick<MetricStore, 'read'>,
    options: {
      readonly logFile: string
      readonly sinceMs: number
      readonly changed: (change: AlarmChange) => void
    },
  ) {
    this.#alarms = alarms
    this.#store = store
    this.#logFile = options.logFile
    this.#changed = options.changed
    this.#statuses = new Map(
      alarms.map(({ name, description }) => [
        name,
        {
          name,
          description,
          state: 'INSUFFICIENT_DATA',
          reason: 'Unchecked: Initial alarm creation',
          sinceMs: options.sinceMs,
        },
      ]),
    )
  }

  get statuses(): readonly AlarmStatus[] {
    return [...this.#statuses.values()]
  }

  /**
   * Evaluates every alarm over what was before `endMs`, a full minute; nothing is known from before `knownSinceMs`.
   * Throws where the log cannot be written.
   */
  evaluate(endMs: number, knownSinceMs: number): void {
    const events: object[] = []
    for (const alarm of this.#alarms) {
      const before = this.#statuses.get(alarm.name)
      if (!before || !isDue(alarm, endMs)) continue
      const { state, reason } =
        'alarmRule' in alarm
          ? this.#ofOthers(alarm)
          : this.#ofMetrics(alarm, before.state, endMs, knownSinceMs)
      const after = { ...before, state, reason, sinceMs: state === before.state ? before.sinceMs : endMs }
      this.#statuses.set(alarm.name, after)
      if (state === before.state) continue
      this.#changed({ ...after, before: before.state })
      events.push(eventOf(before, after))
    }
    if (events.length === 0) return
    mkdirSync(dirname(this.#logFile), { recursive: true })
    appendFileSync(this.#logFile, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  }

  #ofOthers({ alarmRule }: CompositeAlarmResource): Verdict {
    const state = ruleHolds(alarmRule, (name) => this.#statuses.get(name)?.state) ? 'ALARM' : 'OK'
    return { state, reason: `The alarm rule evaluates to ${state}: ${alarmRule}` }
  }

  #ofMetrics(alarm: AlarmResource, before: AlarmState, endMs: number, knownSinceMs: number): Verdict {
    const { periodSeconds, evaluationPeriods, watched } = alarm
    const count = evaluationPeriods + MORE_PERIODS
    const periods = Array.from(
      { length: count },
      (_, index) => endMs - (count - index) * periodSeconds * 1_000,
    )
    try {
      const [values] = valuesOf(this.#store, alarm, watched, { periods, periodSeconds })
      const range = periods.map((atMs) => ({ atMs, value: values?.get(atMs) }))
      return evaluate(alarm, range, before, knownSinceMs)
    } catch (error) {
      return { state: before, reason: messageOf(error) }
    }
  }
}

/** As EventBridge tells it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
const eventOf = (before: AlarmStatus, { name, description, state, reason, sinceMs }: AlarmStatus) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account: ACCOUNT,
  time: new Date(sinceMs).toISOString(),
  region: REGION,
  resources: [alarmArn(name)],
  detail: {
    alarmName: name,
    state: { value: state, reason, timestamp: new Date(sinceMs).toISOString() },
    previousState: {
      value: before.state,
      reason: before.reason,
      timestamp: new Date(before.sinceMs).toISOString(),
    },
    configuration: { description },
  },
})

/** One that looks at more than a day is due each hour: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html */
const isDue = (alarm: Alarm, endMs: number): boolean =>
  'alarmRule' in alarm ||
  alarm.periodSeconds * alarm.evaluationPeriods <= DAY_SECONDS ||
  endMs % HOUR_MS === 0
