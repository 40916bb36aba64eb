import type { Measurement } from './metric-store.ts'

/**
 * What EventBridge Scheduler publishes of the schedules of a group.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
 */
export const SCHEDULER_METRICS = [
  'InvocationAttemptCount',
  'TargetErrorCount',
  'InvocationDroppedCount',
  'InvocationsSentToDeadLetterCount',
] as const

export type SchedulerMetric = (typeof SCHEDULER_METRICS)[number]

/** A count of one, by group and of all groups. */
export const schedulerMeasurements = (
  group: string,
  metric: SchedulerMetric,
  atMs: number,
): readonly Measurement[] => {
  const of = { namespace: 'AWS/Scheduler', name: metric, unit: 'Count', atMs, values: [1] }
  return [
    { ...of, dimensions: { ScheduleGroup: group } },
    { ...of, dimensions: {} },
  ]
}
