import { randomUUID } from 'node:crypto'
import { type NextTime, scheduleTimes } from './schedule-times.ts'
import type { ScheduleResource } from './template.ts'

/** How schedules run here. */
export interface SchedulerOptions {
  /** Invokes the schedule's function, as AWS does: asynchronously, without waiting for the answer. */
  readonly fire: (schedule: ScheduleResource, input: string) => void
  /** A period in milliseconds in place of the template's expressions. */
  readonly everyMs?: number
}

/** setTimeout takes 31 bits. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** EventBridge Scheduler on this machine: each schedule fires once at the start, then when its expression says. */
export class LocalScheduler {
  readonly #options: SchedulerOptions
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** @throws KeeperError `schedule_unreadable` before any schedule has fired */
  start(schedules: readonly ScheduleResource[]): void {
    const { everyMs } = this.#options
    const timed = schedules.map((schedule) => {
      const times = scheduleTimes(schedule.expression, schedule.timeZone)
      return { schedule, next: everyMs === undefined ? times : (afterMs: number) => afterMs + everyMs }
    })
    const nowMs = Date.now()
    for (const { schedule, next } of timed) {
      this.#fire(schedule, nowMs)
      this.#await(schedule, next, next(nowMs))
    }
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  #await(schedule: ScheduleResource, next: NextTime, atMs: number | undefined): void {
    if (atMs === undefined) return
    const waitMs = atMs - Date.now()
    const timer =
      waitMs > LONGEST_TIMEOUT_MS
        ? setTimeout(() => this.#await(schedule, next, atMs), LONGEST_TIMEOUT_MS)
        : setTimeout(() => {
            this.#fire(schedule, atMs)
            this.#await(schedule, next, followingTime(next, atMs))
          }, waitMs)
    this.#timers.set(schedule.name, timer)
  }

  /** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
  #fire(schedule: ScheduleResource, atMs: number): void {
    const attributes: Record<string, string> = {
      'scheduled-time': new Date(atMs).toISOString(),
      'execution-id': randomUUID(),
      'schedule-arn': `arn:aws:scheduler:us-east-1:000000000000:schedule/default/${schedule.name}`,
      'attempt-number': '1',
    }
    const input = schedule.input.replace(
      /<aws\.scheduler\.([a-z-]+)>/g,
      (given, name) => attributes[name] ?? given,
    )
    this.#options.fire(schedule, input)
  }
}

/** Times that passed while the machine slept are left out: one firing makes up for all of them. */
function followingTime(next: NextTime, atMs: number): number | undefined {
  const following = next(atMs)
  return following !== undefined && following < Date.now() ? next(Date.now()) : following
}
