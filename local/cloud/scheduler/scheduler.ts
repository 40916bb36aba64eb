import { createHash, randomUUID } from 'node:crypto'
import { scheduleArn } from '../account.ts'
import { type Clock, systemClock } from '../clock.ts'
import { codeOf, messageOf } from '../cloud-error.ts'
import type { SchedulerMetric } from '../cloudwatch/scheduler-metrics.ts'
import { writeDocument } from '../destinations.ts'
import { own } from '../own.ts'
import type { ScheduleResource } from './schedule-resource.ts'
import { type NextTime, scheduleTimes } from './schedule-times.ts'

/** How schedules run here. */
export interface SchedulerOptions {
  /**
   * Hands over an asynchronous invocation without waiting for it; throws where nothing takes it. A run that comes twice
   * has the same `executionId` both times.
   */
  readonly fire: (schedule: ScheduleResource, input: string, executionId: string) => void
  /** A period in milliseconds in place of the template's expressions. */
  readonly everyMs?: number
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
  readonly #waits = new Set<() => void>()

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** @throws CloudError `schedule_unreadable` before any schedule has fired */
  start(schedules: readonly ScheduleResource[]): void {
    const { everyMs } = this.#options
    const nowMs = this.#clock.nowMs()
    const timed = schedules.map((schedule) => {
      const times = scheduleTimes(schedule.expression, schedule.timeZone, schedule)
      const once = schedule.expression.startsWith('at(')
      const next = everyMs === undefined || once ? times : (afterMs: number) => afterMs + everyMs
      return { schedule, next, fires: !once && isWithin(schedule, nowMs) }
    })
    for (const { schedule, next, fires } of timed) {
      if (fires) this.#run(schedule, nowMs)
      this.#await(schedule, next, next(nowMs))
    }
  }

  stop(): void {
    for (const cancel of this.#waits) cancel()
    this.#waits.clear()
  }

  #await(schedule: ScheduleResource, next: NextTime, atMs: number | undefined): void {
    if (atMs === undefined) return
    this.#at(atMs, () => {
      const delayMs = this.#options.everyMs === undefined ? drawnDelayMs(schedule, atMs) : 0
      this.#at(atMs + delayMs, () => this.#run(schedule, atMs))
      this.#await(schedule, next, this.#following(next, atMs))
    })
  }

  /** Calls at a time, however far away; at once where it has come. */
  #at(atMs: number, call: () => void): void {
    const waitMs = atMs - this.#clock.nowMs()
    if (waitMs <= 0) {
      call()
      return
    }
    const cancel = this.#clock.after(Math.min(waitMs, LONGEST_TIMEOUT_MS), () => {
      this.#waits.delete(cancel)
      this.#at(atMs, call)
    })
    this.#waits.add(cancel)
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
      this.#options.fire(schedule, inputOf(run, attempt), run.executionId)
    } catch (error) {
      measured?.(schedule, 'TargetErrorCount')
      const { maximumRetryAttempts = 185, maximumEventAgeSeconds = 86_400 } = schedule
      const nextMs = this.#clock.nowMs() + Math.min(1_000 * 2 ** (attempt - 1), LONGEST_PAUSE_MS)
      if (attempt > maximumRetryAttempts) this.#giveUp(run, attempt, error, 'MaximumRetryAttempts')
      else if (nextMs > sinceMs + maximumEventAgeSeconds * 1_000)
        this.#giveUp(run, attempt, error, 'MaximumEventAgeInSeconds')
      else this.#at(nextMs, () => this.#deliver(run, attempt + 1))
    }
  }

  /** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html */
  #giveUp(run: Run, attempt: number, error: unknown, condition: string): void {
    const { destinationDirectory, measured } = this.#options
    const { schedule, atMs, executionId } = run
    measured?.(schedule, 'InvocationDroppedCount')
    if (schedule.deadLetterQueue === undefined || destinationDirectory === undefined) return
    writeDocument(destinationDirectory, schedule.deadLetterQueue, this.#clock.nowMs(), {
      messageBody: inputOf(run, attempt),
      messageAttributes: {
        ERROR_CODE: codeOf(error),
        ERROR_MESSAGE: messageOf(error),
        EXECUTION_ID: executionId,
        EXHAUSTED_RETRY_CONDITION: condition,
        IS_PAYLOAD_TRUNCATED: 'false',
        RETRY_ATTEMPTS: String(attempt - 1),
        SCHEDULED_TIME: new Date(atMs).toISOString(),
        SCHEDULE_ARN: scheduleArn(schedule.name),
        TARGET_ARN: 'arn:aws:scheduler:::aws-sdk:lambda:invoke',
      },
    }).then(
      () => measured?.(schedule, 'InvocationsSentToDeadLetterCount'),
      () => undefined,
    )
  }
}

const isWithin = ({ startMs, endMs }: ScheduleResource, atMs: number): boolean =>
  atMs >= (startMs ?? atMs) && atMs <= (endMs ?? atMs)

/** Where in its flexible window a run falls: anywhere, and at the same place whenever it is asked for. */
function drawnDelayMs({ name, flexibleWindowMinutes = 0 }: ScheduleResource, atMs: number): number {
  const draw = createHash('sha256').update(`${name} ${atMs}`).digest().readUInt32BE()
  return Math.floor((draw / 2 ** 32) * flexibleWindowMinutes * 60_000)
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
function inputOf({ schedule, atMs, executionId }: Run, attempt: number): string {
  const attributes: Readonly<Record<string, string>> = {
    'scheduled-time': new Date(atMs).toISOString(),
    'execution-id': executionId,
    'schedule-arn': scheduleArn(schedule.name),
    'attempt-number': String(attempt),
  }
  return schedule.input.replace(
    /<aws\.scheduler\.([a-z-]+)>/g,
    (given, name) => own(attributes, name) ?? given,
  )
}
