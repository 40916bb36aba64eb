import { Duration, Size } from 'aws-cdk-lib'
import {
  ComparisonOperator,
  GraphWidget,
  type IWidget,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { AlarmSpec, OverviewMetrics } from '../monitoring/monitored.ts'

export interface PostgresMonitoringProps {
  readonly instanceIdentifier: string
  /** The disk's initial size, from which the alarm's threshold follows. */
  readonly storage: Size
  /** More connections raise an alarm. */
  readonly mostConnections: number
  /** Less freeable memory raises an alarm. */
  readonly leastMemory: Size
  /** Whether its CPU is burstable, with credits: db.t4g. */
  readonly burstable: boolean
}

/** A credit is a minute of a full vCPU; db.t4g.micro earns 12 an hour. */
const FEW_CPU_CREDITS = 20

/** RDS reports every minute. Missing data means that RDS has a problem, and shows as INSUFFICIENT_DATA. */
const missing = TreatMissingData.MISSING

/** The health of an RDS instance: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html */
export class PostgresMonitoring {
  readonly #props: PostgresMonitoringProps

  constructor(props: PostgresMonitoringProps) {
    this.#props = props
  }

  alarms(): AlarmSpec[] {
    const { storage, mostConnections, leastMemory, burstable } = this.#props
    const leastFree = Size.gibibytes(Math.max(2, Math.floor(storage.toGibibytes() / 10)))
    return [
      {
        id: 'database-cpu',
        runbook: 'database-cpu',
        sentence: 'The database has used more than 80 % of its CPU for 15 minutes.',
        metric: this.#metric('CPUUtilization', 'Average'),
        threshold: 80,
        periods: 3,
        missing,
      },
      {
        id: 'database-storage',
        runbook: 'database-storage',
        sentence: `The database has less than ${leastFree.toGibibytes()} GiB of free disk, although the disk grows automatically.`,
        metric: this.#metric('FreeStorageSpace', 'Minimum'),
        threshold: leastFree.toBytes(),
        comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
        periods: 3,
        missing,
      },
      {
        id: 'database-connections',
        runbook: 'database-connections',
        sentence: `The database has more than ${mostConnections} connections.`,
        metric: this.#metric('DatabaseConnections', 'Maximum'),
        threshold: mostConnections,
        periods: 3,
        missing,
      },
      {
        id: 'database-memory',
        runbook: 'database-memory',
        sentence: `The database has had less than ${leastMemory.toMebibytes()} MiB of freeable memory for 15 minutes.`,
        metric: this.#metric('FreeableMemory', 'Minimum'),
        threshold: leastMemory.toBytes(),
        comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
        periods: 3,
        missing,
      },
      ...(burstable
        ? [
            {
              id: 'database-cpu-credits',
              runbook: 'database-cpu-credits',
              sentence: `The database has had fewer than ${FEW_CPU_CREDITS} CPU credits left for an hour.`,
              metric: this.#metric('CPUCreditBalance', 'Minimum'),
              threshold: FEW_CPU_CREDITS,
              comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
              periods: 12,
              missing,
            },
          ]
        : []),
    ]
  }

  widgets(): IWidget[][] {
    const graph = (title: string, ...left: Metric[]) => new GraphWidget({ title, width: 12, left })
    return [
      [
        graph('CPU, percent', this.#metric('CPUUtilization', 'Average')),
        graph('Connections', this.#metric('DatabaseConnections', 'Maximum')),
      ],
      [
        graph('Free storage, bytes', this.#metric('FreeStorageSpace', 'Minimum')),
        graph(
          'Seconds a read or write takes',
          this.#metric('ReadLatency', 'Average'),
          this.#metric('WriteLatency', 'Average'),
        ),
      ],
      [
        graph('Freeable memory, bytes', this.#metric('FreeableMemory', 'Minimum')),
        ...(this.#props.burstable
          ? [graph('CPU credits left', this.#metric('CPUCreditBalance', 'Minimum'))]
          : []),
      ],
    ]
  }

  overview(): OverviewMetrics {
    return { cost: [this.#metric('WriteIOPS', 'Average')] }
  }

  #metric(metricName: string, statistic: string): Metric {
    return new Metric({
      namespace: 'AWS/RDS',
      metricName,
      dimensionsMap: { DBInstanceIdentifier: this.#props.instanceIdentifier },
      statistic,
      period: Duration.minutes(5),
    })
  }
}
