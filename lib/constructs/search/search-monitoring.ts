import { Duration, Size } from 'aws-cdk-lib'
import {
  ComparisonOperator,
  GraphWidget,
  type IWidget,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { AlarmSpec } from '../monitoring/monitored.ts'

export interface SearchMonitoringProps {
  readonly domainName: string
  readonly account: string
  /** The disk of each node. */
  readonly storage: Size
}

/** The service reports every minute. Missing data means that it has a problem, and shows as INSUFFICIENT_DATA. */
const missing = TreatMissingData.MISSING

/**
 * The health of an OpenSearch domain, by AWS's own recommendations:
 * https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cloudwatch-alarms.html
 */
export class SearchMonitoring {
  readonly #props: SearchMonitoringProps

  constructor(props: SearchMonitoringProps) {
    this.#props = props
  }

  alarms(): AlarmSpec[] {
    const leastFree = Size.mebibytes(Math.floor(this.#props.storage.toMebibytes() / 4))
    return [
      {
        id: 'search-red',
        runbook: 'search-red',
        sentence: 'OpenSearch has no copy of some of its data at hand: its cluster is red.',
        metric: this.#metric('ClusterStatus.red', 'Maximum'),
        threshold: 0,
        missing,
      },
      {
        id: 'search-disk',
        runbook: 'search-disk',
        sentence: `A node of OpenSearch has less than ${leastFree.toMebibytes()} MiB of free disk, a quarter.`,
        metric: this.#metric('FreeStorageSpace', 'Minimum'),
        // In MB, unlike RDS's metric of this name.
        threshold: leastFree.toMebibytes(),
        comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
        periods: 3,
        missing,
      },
      {
        id: 'search-memory',
        runbook: 'search-memory',
        sentence:
          'For 15 minutes a node of OpenSearch has used more than 85 % of its Java heap; from 92 % on it refuses writes.',
        metric: this.#metric('JVMMemoryPressure', 'Maximum'),
        threshold: 85,
        periods: 3,
        missing,
      },
      {
        id: 'search-refuses-writes',
        runbook: 'search-refuses-writes',
        sentence: 'OpenSearch refuses every write, for lack of disk or memory.',
        metric: this.#metric('ClusterIndexWritesBlocked', 'Maximum'),
        threshold: 0,
        missing,
      },
    ]
  }

  widgets(): IWidget[][] {
    const graph = (title: string, ...left: Metric[]) => new GraphWidget({ title, width: 12, left })
    return [
      [
        graph(
          'Cluster: red, yellow, writes refused',
          this.#metric('ClusterStatus.red', 'Maximum'),
          this.#metric('ClusterStatus.yellow', 'Maximum'),
          this.#metric('ClusterIndexWritesBlocked', 'Maximum'),
        ),
        graph('Documents', this.#metric('SearchableDocuments', 'Maximum')),
      ],
      [
        graph('Free disk of the fullest node, MB', this.#metric('FreeStorageSpace', 'Minimum')),
        graph(
          'Java heap, CPU, percent',
          this.#metric('JVMMemoryPressure', 'Maximum'),
          this.#metric('CPUUtilization', 'Maximum'),
        ),
      ],
      [
        graph('Milliseconds a search takes in a shard', this.#metric('SearchLatency', 'Average')),
        graph('Milliseconds a document takes to be indexed', this.#metric('IndexingLatency', 'Average')),
      ],
    ]
  }

  #metric(metricName: string, statistic: string): Metric {
    return new Metric({
      namespace: 'AWS/ES',
      metricName,
      dimensionsMap: { DomainName: this.#props.domainName, ClientId: this.#props.account },
      statistic,
      period: Duration.minutes(5),
    })
  }
}
