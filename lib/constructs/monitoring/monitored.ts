import type { ComparisonOperator, IMetric, IWidget, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'

/** An alarm as its construct describes it; the monitoring stack creates it. */
export interface AlarmSpec {
  /** Unique in the app: `price-check-errors`. */
  readonly id: string
  /** The anchor of its section in docs/runbook.md: `function-errors`. */
  readonly runbook: string
  /** What is wrong, in one sentence. */
  readonly sentence: string
  readonly metric: IMetric
  readonly threshold: number
  /** Default: above the threshold. */
  readonly comparison?: ComparisonOperator
  /** Number of consecutive periods; default 1. */
  readonly periods?: number
  /** What missing data means; always explicit. */
  readonly missing: TreatMissingData
}

/** A part's metrics for the overview, by the question that they answer. */
export interface OverviewMetrics {
  /** Are prices fresh? */
  readonly fresh?: readonly IMetric[]
  /** Is anything lost? Each is 0 on a good day. */
  readonly lost?: readonly IMetric[]
  /** What does it cost? Quantities that AWS or Keepa charge for. */
  readonly cost?: readonly IMetric[]
}

/** A monitored part of the pipeline: it owns its alarms and its widgets. */
export interface Monitored {
  /** Its dashboard's name: `price-check`. */
  readonly title: string
  alarms(): AlarmSpec[]
  /** Its dashboard, row by row. */
  widgets(): IWidget[][]
  overview(): OverviewMetrics
}
