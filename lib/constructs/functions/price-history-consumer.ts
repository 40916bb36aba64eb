import { GraphWidget, type IWidget, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import type { AlarmSpec, OverviewMetrics } from '../monitoring/monitored.ts'
import type { Postgres } from '../postgres/postgres.ts'
import { TopicConsumer, type TopicConsumerProps } from './topic-consumer.ts'

export interface PriceHistoryConsumerProps extends TopicConsumerProps {
  readonly postgres: Postgres
}

/** A consumer that stores prices in Postgres, and says what became of its records. */
export class PriceHistoryConsumer extends TopicConsumer {
  constructor(scope: Construct, id: string, props: PriceHistoryConsumerProps) {
    super(scope, id, props)
    props.postgres.connect(this.function)
  }

  override alarms(): AlarmSpec[] {
    return [...super.alarms(), this.#rejected()]
  }

  override widgets(): IWidget[][] {
    const graph = (title: string, ...left: Metric[]) => new GraphWidget({ title, width: 12, left })
    const { function: handler } = this
    return [
      [
        graph('Rows, alerts', handler.countOf('historyRowsStored'), handler.countOf('alertsRaised')),
        graph(
          'Records received, and what became of those not stored',
          handler.countOf('recordsReceived'),
          handler.countOf('recordsRejected'),
          handler.countOf('recordsUnwatched'),
          handler.countOf('recordsWithoutPrice'),
          handler.countOf('tombstones'),
          handler.countOf('keyMismatches'),
        ),
      ],
      ...super.widgets(),
    ]
  }

  override overview(): OverviewMetrics {
    const { fresh = [], ...rest } = super.overview()
    return {
      ...rest,
      fresh: [this.function.countOf('historyRowsStored'), ...fresh],
      lost: [this.function.countOf('recordsRejected')],
    }
  }

  #rejected(): AlarmSpec {
    return {
      id: `${this.title}-rejected`,
      runbook: 'records-rejected',
      sentence: `${this.title} put records that it could not store into rejected_records.`,
      metric: this.function.countOf('recordsRejected'),
      threshold: 0,
      // Where nothing was stored, nothing was rejected.
      missing: TreatMissingData.NOT_BREACHING,
    }
  }
}
