/** What decides an alarm's state, besides the data. */
export interface AlarmRule {
  readonly comparison: string
  readonly threshold: number
  readonly evaluationPeriods: number
  readonly datapointsToAlarm: number
  readonly missing: 'breaching' | 'notBreaching' | 'ignore' | 'missing'
}

/** One period of the evaluation range; `value` is undefined where it is missing. */
export interface Datapoint {
  readonly atMs: number
  readonly value: number | undefined
}
