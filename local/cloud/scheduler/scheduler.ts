import { createHash, randomUUID } from 'node:crypto'
import { scheduleArn } from '../account.ts'
import { type Clock, systemClock } from '../clock.ts'
import { codeOf, messageOf } from '../cloud-error.ts'
import type { SchedulerMetric } from '../cloudwatch/scheduler-metrics.ts'
import { writeDocument } from '../destinations.ts'
import type { ScheduleResource } from './schedule-resource.ts'
import { type NextTime, scheduleTimes } from './schedule-times.ts'
import { inputOf } from './target-input.ts'

/** How schedules run here. */
export interface SchedulerOptions {
  /**
   * Hands over an asynchronous invocation without waiting for it; throws where nothing takes it. A run that comes twice
   * has the same `executionId` both times.
   */
  readonly fire: (schedule: ScheduleResource, input: string, executionId: string) => void
  /** A period in milliseconds in place of a schedule's expression; undefined leaves it. */
  readonly everyMs?: (schedule: ScheduleResource) => number | undefined
  /** Delivers every run twice: EventBridge Scheduler promises at least once. */
  readonly twice?: boolean
  readonly clock?: Clock
  /** The folder of the dead-letter queues; without it, what cannot be delivered is dropped. */
  readonly destinationDirectory?: string
  readonly measured?: (schedule: ScheduleResource, metric: SchedulerMetric) => void
}

/** One run of a schedule. */
interface Run {
  readonly schedule: ScheduleResource
  readonly atMs: number
  readonly executionId: string
  /** When it was first to be delivered. */
  readonly sinceMs: number
}

/** Calls that take back what waits. */
type Waiting = Set<() => void>

/** setTimeout takes 31 bits. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** AWS says that the pauses between deliveries grow, not how; these do from one second to ten minutes. */
const LONGEST_PAUSE_MS = 10 * 60_000

/**
 * EventBridge Scheduler on this machine: each schedule fires once at the start, unless it is for one time only, then
 * when its expression says. A retry is of the delivery: what the function makes of it is the business of its queue.
 */
export class LocalScheduler {
  readonly #options: SchedulerOptions
  readonly #clock: Clock
  /** Of deliveries that are tried again. */
  readonly #waits: Waiting = new Set()
  /** Of the next firings, by schedule. */
  readonly #timers = new Map<ScheduleResource, Waiting>()

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** @throws CloudError `schedule_unreadable` before any schedule has fired */
  start(schedules: readonly ScheduleResource[]): void {
    const nowMs = this.#clock.nowMs()
    const timed = schedules.map((schedule) => ({ schedule, next: this.#timesOf(schedule) }))
    for (const { schedule, next } of timed) {
      if (schedule.enabled !== false && !isOnce(schedule) && isWithin(schedule, nowMs))
        this.#run(schedule, nowMs)
      this.#begin(schedule, next)
    }
  }

  /**
   * Puts a schedule in another's place, from its next time on; what was to come of the other one is taken back, but
   * not its deliveries.
   * @throws CloudError `schedule_unreadable`
   */
  replace(before: ScheduleResource, after: ScheduleResource): void {
    const next = this.#timesOf(after)
    cancelAll(this.#timers.get(before))
    this.#timers.delete(before)
    this.#begin(after, next)
  }

  stop(): void {
    for (const waiting of [this.#waits, ...this.#timers.values()]) cancelAll(waiting)
    this.#timers.clear()
  }

  #timesOf(schedule: ScheduleResource): NextTime {
    const everyMs = this.#options.everyMs?.(schedule)
    const times = scheduleTimes(schedule.expression, schedule.timeZone, schedule)
    return everyMs === undefined || isOnce(schedule) ? times : (afterMs) => afterMs + everyMs
  }

  #begin(schedule: ScheduleResource, next: NextTime): void {
    if (schedule.enabled === false) return
    const waiting: Waiting = new Set()
    this.#timers.set(schedule, waiting)
    this.#await(schedule, next, next(this.#clock.nowMs()), waiting)
  }

  #await(schedule: ScheduleResource, next: NextTime, atMs: number | undefined, waiting: Waiting): void {
    if (atMs === undefined) return
    this.#at(atMs, waiting, () => {
      const delayMs = this.#options.everyMs?.(schedule) === undefined ? drawnDelayMs(schedule, atMs) : 0
      this.#at(atMs + delayMs, waiting, () => this.#run(schedule, atMs))
      this.#await(schedule, next, this.#following(next, atMs), waiting)
    })
  }

  /** Calls at a time, however far away; at once where it has come. */
  #at(atMs: number, waiting: Waiting, call: () => void): void {
    const waitMs = atMs - this.#clock.nowMs()
    if (waitMs <= 0) {
      call()
      return
    }
    const cancel = this.#clock.after(Math.min(waitMs, LONGEST_TIMEOUT_MS), () => {
      waiting.delete(cancel)
      this.#at(atMs, waiting, call)
    })
    waiting.add(cancel)
  }

  /** Times that passed while the machine slept are left out: one firing makes up for all of them. */
  #following(next: NextTime, atMs: number): number | undefined {
    const nowMs = this.#clock.nowMs()
    const following = next(atMs)
    return following !== undefined && following < nowMs ? next(nowMs) : following
  }

  #run(schedule: ScheduleResource, atMs: number): void {
    const run: Run = { schedule, atMs, executionId: randomUUID(), sinceMs: this.#clock.nowMs() }
    this.#deliver(run, 1)
    if (this.#options.twice) this.#deliver(run, 1)
  }

  #deliver(run: Run, attempt: number): void {
    const { schedule, sinceMs } = run
    const { measured } = this.#options
    measured?.(schedule, 'InvocationAttemptCount')
    try {
      this.#options.fire(schedule, inputOf({ ...run, attempt }), run.executionId)
    } catch (error) {
      measured?.(schedule, 'TargetErrorCount')
      const { maximumRetryAttempts = 185, maximumEventAgeSeconds = 86_400 } = schedule
      const nextMs = this.#clock.nowMs() + Math.min(1_000 * 2 ** (attempt - 1), LONGEST_PAUSE_MS)
      if (attempt > maximumRetryAttempts) this.#giveUp(run, attempt, error, 'MaximumRetryAttempts')
      else if (nextMs > sinceMs + maximumEventAgeSeconds * 1_000)
        this.#giveUp(run, attempt, error, 'MaximumEventAgeInSeconds')
      else this.#at(nextMs, this.#waits, () => this.#deliver(run, attempt + 1))
    }
  }

  /** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html */
  #giveUp(run: Run, attempt: number, error: unknown, condition: string): void {
    const { destinationDirectory, measured } = this.#options
    const { schedule, atMs, executionId } = run
    measured?.(schedule, 'InvocationDroppedCount')
    if (schedule.deadLetterQueue === undefined || destinationDirectory === undefined) return
    writeDocument(destinationDirectory, schedule.deadLetterQueue, this.#clock.nowMs(), {
      messageBody: inputOf({ ...run, attempt }),
      messageAttributes: {
        ERROR_CODE: codeOf(error),
        ERROR_MESSAGE: messageOf(error),
        EXECUTION_ID: executionId,
        EXHAUSTED_RETRY_CONDITION: condition,
        IS_PAYLOAD_TRUNCATED: 'false',
        RETRY_ATTEMPTS: String(attempt - 1),
        SCHEDULED_TIME: new Date(atMs).toISOString(),
        SCHEDULE_ARN: scheduleArn(schedule.name, schedule.group),
        TARGET_ARN: 'arn:aws:scheduler:::aws-sdk:lambda:invoke',
      },
    }).then(
      () => measured?.(schedule, 'InvocationsSentToDeadLetterCount'),
      () => undefined,
    )
  }
}

const isOnce = ({ expression }: ScheduleResource): boolean => expression.startsWith('at(')

function cancelAll(waiting: Waiting | undefined): void {
  for (const cancel of waiting ?? []) cancel()
  waiting?.clear()
}

const isWithin = ({ startMs, endMs }: ScheduleResource, atMs: number): boolean =>
  atMs >= (startMs ?? atMs) && atMs <= (endMs ?? atMs)

/** Where in its flexible window a run falls: anywhere, and at the same place whenever it is asked for. */
function drawnDelayMs({ name, flexibleWindowMinutes = 0 }: ScheduleResource, atMs: number): number {
  const draw = createHash('sha256').update(`${name} ${atMs}`).digest().readUInt32BE()
  return Math.floor((draw / 2 ** 32) * flexibleWindowMinutes * 60_000)
}
