import type { Clock } from '../clock.ts'
import type { ScheduleResource } from './schedule-resource.ts'

/** A schedule as it is now. Times are in milliseconds since 1970. */
export interface ScheduleRecord {
  readonly schedule: ScheduleResource
  readonly createdMs: number
  readonly modifiedMs: number
}

/** The template's schedules, and what this run has made of them. */
export class Schedules {
  readonly #clock: Clock
  readonly #replaced: (before: ScheduleResource, after: ScheduleResource) => void
  #records: readonly ScheduleRecord[]

  /** `replaced` is told before the change holds, and may refuse it by throwing. */
  constructor(
    schedules: readonly ScheduleResource[],
    clock: Clock,
    replaced: (before: ScheduleResource, after: ScheduleResource) => void,
  ) {
    const nowMs = clock.nowMs()
    this.#clock = clock
    this.#replaced = replaced
    this.#records = schedules.map((schedule) => ({ schedule, createdMs: nowMs, modifiedMs: nowMs }))
  }

  get records(): readonly ScheduleRecord[] {
    return this.#records
  }

  replace(before: ScheduleResource, after: ScheduleResource): void {
    this.#replaced(before, after)
    const modifiedMs = this.#clock.nowMs()
    this.#records = this.#records.map((record) =>
      record.schedule === before ? { ...record, schedule: after, modifiedMs } : record,
    )
  }
}
