import type { ComparisonOperator, IMetric, IWidget, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'

/** An alarm as the construct that owns it describes it; the monitoring stack makes it. */
export interface AlarmSpec {
  /** Tells it from every other alarm of the app: `price-check-errors`. */
  readonly id: string
  /** The heading of docs/runbook.md that says what to do, as its anchor: `function-errors`. */
  readonly runbook: string
  /** What is wrong, in one sentence. */
  readonly sentence: string
  readonly metric: IMetric
  readonly threshold: number
  /** Above the threshold unless given. */
  readonly comparison?: ComparisonOperator
  /** How many of the metric's periods in a row; 1 unless given. */
  readonly periods?: number
  /** What silence means: never left to CloudWatch's default. */
  readonly missing: TreatMissingData
}

/** What a part adds to the overview, by the question that it helps to answer. */
export interface OverviewMetrics {
  /** Are prices fresh? */
  readonly fresh?: readonly IMetric[]
  /** Is anything lost? Each of them is 0 on a good day. */
  readonly lost?: readonly IMetric[]
  /** What does it cost me? Quantities that AWS or Keepa charge for. */
  readonly cost?: readonly IMetric[]
}

/** A part of the pipeline that can be watched: it owns its alarms and its widgets. */
export interface Monitored {
  /** Its dashboard's name: `price-check`. */
  readonly title: string
  alarms(): AlarmSpec[]
  /** Its dashboard, row by row. */
  widgets(): IWidget[][]
  overview(): OverviewMetrics
}
