import type { Resource } from '../template/assembly.ts'
import {
  destinationName,
  logicalIdOf,
  numberWithin,
  placeOf,
  referenceOf,
  text,
  unreadable,
} from '../template/properties.ts'

/** AWS::Scheduler::Schedule of a function. */
export interface ScheduleResource {
  readonly name: string
  /** Its group's name; undefined for `default`. */
  readonly group?: string
  readonly functionId: string
  /** `rate(6 hours)`, `cron(0 8 * * ? *)` or `at(2026-03-28T08:00:00)`. */
  readonly expression: string
  readonly timeZone: string
  /** What the function gets; undefined for Scheduler's default notification. */
  readonly input: string | undefined
  /** Between these, in milliseconds since 1970, the schedule fires; undefined for no bound. */
  readonly startMs?: number
  readonly endMs?: number
  /** How long after its time it may fire; undefined for at once. */
  readonly flexibleWindowMinutes?: number
  /** Of delivering to the function's queue; undefined for 185 attempts and a day. */
  readonly maximumRetryAttempts?: number
  readonly maximumEventAgeSeconds?: number
  /** The name of the queue that takes what could not be delivered. */
  readonly deadLetterQueue?: string
  /** False for one that does not fire. */
  readonly enabled?: boolean
  readonly description?: string
}

interface Target {
  readonly Arn?: unknown
  readonly Input?: unknown
  readonly RetryPolicy?: Readonly<Record<string, unknown>>
  readonly DeadLetterConfig?: { readonly Arn?: unknown }
}

/** @throws CloudError `template_unreadable` naming the resource and property */
export function readSchedule(resource: Resource): ScheduleResource {
  const {
    Target: target,
    ScheduleExpressionTimezone: timeZone,
    Description: description,
  } = resource.properties as {
    readonly Target?: Target
    readonly ScheduleExpressionTimezone?: unknown
    readonly Description?: unknown
  }
  const window = resource.properties.FlexibleTimeWindow as
    | { readonly Mode?: unknown; readonly MaximumWindowInMinutes?: unknown }
    | undefined
  const retry = target?.RetryPolicy
  const retryNumber = (property: string, from: number, to: number) =>
    retry && numberWithin(resource, `Target.RetryPolicy.${property}`, from, to, retry[property])
  return {
    name: scheduleName(resource),
    group: groupName(resource.properties.GroupName),
    functionId: referenceOf(resource, 'Target.Arn', target?.Arn),
    expression: text(resource, 'ScheduleExpression'),
    timeZone: typeof timeZone === 'string' ? timeZone : 'UTC',
    input: inputOf(resource, target?.Input),
    startMs: time(resource, 'StartDate'),
    endMs: time(resource, 'EndDate'),
    flexibleWindowMinutes:
      window?.Mode === 'FLEXIBLE'
        ? numberWithin(
            resource,
            'FlexibleTimeWindow.MaximumWindowInMinutes',
            1,
            1_440,
            window.MaximumWindowInMinutes,
          )
        : undefined,
    maximumRetryAttempts: retryNumber('MaximumRetryAttempts', 0, 185),
    maximumEventAgeSeconds: retryNumber('MaximumEventAgeInSeconds', 60, 86_400),
    deadLetterQueue: destinationName(target?.DeadLetterConfig?.Arn),
    enabled: resource.properties.State === 'DISABLED' ? false : undefined,
    description: typeof description === 'string' ? description : undefined,
  }
}

function inputOf(resource: Resource, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && isJson(value))) return value
  throw unreadable(resource, 'Target.Input', value, 'a text that is well-formed JSON')
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The name by which a schedule is known here. */
export const scheduleName = (resource: Resource): string =>
  typeof resource.properties.Name === 'string' ? resource.properties.Name : placeOf(resource)

const groupName = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : logicalIdOf(value)

function time(resource: Resource, property: string): number | undefined {
  const value = resource.properties[property]
  if (value === undefined) return undefined
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isFinite(ms)) return ms
  throw unreadable(resource, property, value, 'a time such as 2026-03-28T08:00:00Z')
}
