import { GraphWidget, type IWidget, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import type { OverviewMetrics } from '../monitoring/monitored.ts'
import type { Postgres } from '../postgres/postgres.ts'
import { TopicConsumer, type TopicConsumerProps } from './topic-consumer.ts'

export interface PriceHistoryConsumerProps extends TopicConsumerProps {
  readonly postgres: Postgres
}

/** A consumer that stores prices in Postgres, with widgets on what became of its records. */
export class PriceHistoryConsumer extends TopicConsumer {
  constructor(scope: Construct, id: string, props: PriceHistoryConsumerProps) {
    super(scope, id, props)
    props.postgres.connect(this.function)
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
          handler.countOf('recordsMissed'),
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
      lost: [this.function.countOf('recordsRejected'), this.function.countOf('recordsMissed')],
    }
  }
}
