import { ACCOUNT, REGION, scheduleArn } from '../account.ts'
import { own } from '../own.ts'
import type { ScheduleResource } from './schedule-resource.ts'

/** One delivery of a schedule's run. */
export interface Delivery {
  readonly schedule: ScheduleResource
  /** The time for which the run was scheduled, in milliseconds since 1970. */
  readonly atMs: number
  readonly executionId: string
  /** From 1. */
  readonly attempt: number
}

/** Some encoders of JSON escape angle brackets. */
const ATTRIBUTE = /(?:<|\\u003c)aws\.scheduler\.([a-z-]+)(?:>|\\u003e)/gi

/**
 * What a delivery brings: the schedule's input with its context attributes filled in wherever they stand, else the
 * default notification.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
export function inputOf(delivery: Delivery): string {
  const { schedule, atMs, executionId, attempt } = delivery
  const attributes: Readonly<Record<string, string>> = {
    'scheduled-time': new Date(atMs).toISOString(),
    'execution-id': executionId,
    'schedule-arn': scheduleArn(schedule.name, schedule.group),
    'attempt-number': String(attempt),
  }
  if (schedule.input === undefined) return JSON.stringify(notificationOf(delivery))
  return schedule.input.replace(ATTRIBUTE, (given, name) => own(attributes, name) ?? given)
}

/**
 * "If you do not specify anything for this field, EventBridge Scheduler delivers a default notification"
 * (https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Target.html, Input). No page shows it; events that
 * users published have this form, with the detail as text.
 */
const notificationOf = ({ schedule, atMs, executionId }: Delivery) => ({
  version: '0',
  id: executionId,
  'detail-type': 'Scheduled Event',
  source: 'aws.scheduler',
  account: ACCOUNT,
  time: `${new Date(atMs).toISOString().slice(0, 19)}Z`,
  region: REGION,
  resources: [scheduleArn(schedule.name, schedule.group)],
  detail: '{}',
})
