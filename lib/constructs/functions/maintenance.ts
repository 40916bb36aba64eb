import { Duration, Size } from 'aws-cdk-lib'
import { GraphWidget, type IWidget, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import type { Construct } from 'constructs'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import * as TOPICS from '../../../lambdas/core/topics.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { AlarmSpec } from '../monitoring/monitored.ts'
import type { Postgres } from '../postgres/postgres.ts'
import type { FunctionDefaults, FunctionNetwork } from './keeper-function.ts'
import { ScheduledFunction } from './scheduled-function.ts'

/** Months of the price history before the present one; undefined: all of them. */
export interface HistoryMonths {
  /** Older ones are forgotten. */
  readonly kept?: number | undefined
  /** Older ones keep the first and the last of a run of equal prices. */
  readonly unthinned?: number | undefined
}

/** What functions that store prices know of forgetting: nothing where all is kept. */
export const keptMonths = ({ kept }: HistoryMonths): Record<string, string> =>
  kept === undefined ? {} : { [ENVIRONMENT.historyRetentionMonths]: String(kept) }

export interface MaintenanceProps {
  readonly defaults: FunctionDefaults
  readonly kafka: Kafka
  readonly postgres: Postgres
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string
  readonly network: FunctionNetwork
  readonly keepDays: { readonly messages: number; readonly rejected: number }
  readonly historyMonths: HistoryMonths
}

/** The months of an import wait in the default partition until the next run, so runs are not far apart. */
const INTERVAL = Duration.hours(1)

/** Removes what is old, and keeps the price history in months: lambdas/maintenance. */
export class Maintenance extends ScheduledFunction {
  constructor(
    scope: Construct,
    id: string,
    { kafka, postgres, bootstrapServers, keepDays, historyMonths, ...props }: MaintenanceProps,
  ) {
    const { unthinned } = historyMonths
    super(scope, id, {
      ...props,
      source: 'maintenance',
      description: 'Removes what is old, and keeps the price history in months',
      schedule: ScheduleExpression.rate(INTERVAL),
      interval: INTERVAL,
      // A run begins nothing new after ten minutes (lambdas/maintenance/handler.ts).
      timeout: Duration.minutes(14),
      memory: Size.mebibytes(256),
      environment: {
        [ENVIRONMENT.bootstrapServers]: bootstrapServers,
        [ENVIRONMENT.kafkaAuthentication]: 'iam',
        [ENVIRONMENT.keepMessagesDays]: String(keepDays.messages),
        [ENVIRONMENT.keepRejectedDays]: String(keepDays.rejected),
        ...keptMonths(historyMonths),
        ...(unthinned === undefined ? {} : { [ENVIRONMENT.historyUnthinnedMonths]: String(unthinned) }),
      },
    })
    postgres.connect(this.function)
    for (const topic of [TOPICS.prices, TOPICS.deals]) kafka.grantDescribe(this.function, topic)
  }

  override alarms(): AlarmSpec[] {
    const { name } = this.function
    return [
      ...super.alarms(),
      {
        id: `${name}-months-missing`,
        runbook: 'months-missing',
        sentence: 'A month of the price history has no partition: its prices are in the default one.',
        metric: this.function.countOf('historyMonthsMissing', { statistic: 'Minimum', period: INTERVAL }),
        threshold: 0,
        // A run that the history was too busy for is made up for by the next.
        periods: 3,
        // Without a run another alarm goes off.
        missing: TreatMissingData.IGNORE,
      },
    ]
  }

  override widgets(): IWidget[][] {
    const graph = (title: string, ...names: Parameters<typeof this.function.countOf>[0][]) =>
      new GraphWidget({ title, width: 12, left: names.map((name) => this.function.countOf(name)) })
    return [
      [
        graph('Prices thinned and forgotten', 'historyRowsThinned', 'historyRowsForgotten'),
        graph('Months without a partition', 'historyMonthsMissing'),
      ],
      ...super.widgets(),
    ]
  }
}
