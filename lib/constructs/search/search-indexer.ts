import { GraphWidget, type IWidget } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import { TopicConsumer, type TopicConsumerProps } from '../functions/topic-consumer.ts'
import type { OverviewMetrics } from '../monitoring/monitored.ts'
import type { Postgres } from '../postgres/postgres.ts'
import type { SearchDomain } from './search-domain.ts'

export interface SearchIndexerProps extends TopicConsumerProps {
  readonly domain: SearchDomain
  /** Keeps what it rejects, and its position. */
  readonly postgres: Postgres
}

/** The consumer that writes deals into the index, with widgets on what became of its records. */
export class SearchIndexer extends TopicConsumer {
  constructor(scope: Construct, id: string, props: SearchIndexerProps) {
    super(scope, id, props)
    props.postgres.connect(this.function)
    props.domain.connect(this.function, [
      ['Post', 'deals/_bulk'],
      // The first one makes the index and its alias.
      ...[['Get', 'deals/_mapping'] as const, ['Put', 'deals-*'] as const, ['Post', '_aliases'] as const],
    ])
  }

  override widgets(): IWidget[][] {
    const { function: handler } = this
    return [
      [
        new GraphWidget({
          title: 'Deals: stored, older than what was there, of a time that cannot be',
          width: 12,
          left: [
            handler.countOf('dealsIndexed'),
            handler.countOf('dealsOutdated'),
            handler.countOf('dealsImplausible'),
          ],
        }),
        new GraphWidget({
          title: 'Records received, and what became of those not stored',
          width: 12,
          left: [
            handler.countOf('recordsReceived'),
            handler.countOf('recordsRejected'),
            handler.countOf('recordsMissed'),
            handler.countOf('recordsWithoutPrice'),
            handler.countOf('tombstones'),
          ],
        }),
      ],
      ...super.widgets(),
    ]
  }

  override overview(): OverviewMetrics {
    return {
      ...super.overview(),
      lost: [this.function.countOf('recordsRejected'), this.function.countOf('recordsMissed')],
    }
  }
}
