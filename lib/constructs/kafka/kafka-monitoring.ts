import { Duration } from 'aws-cdk-lib'
import {
  ComparisonOperator,
  GraphWidget,
  type IWidget,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { Brokers } from '../../config.ts'
import type { AlarmSpec, OverviewMetrics } from '../monitoring/monitored.ts'
import { type GroupMetricOptions, KafkaMetrics } from './kafka-metrics.ts'

export interface KafkaMonitoringProps {
  readonly clusterName: string
  readonly brokers: number
  readonly brokerType: Brokers['type']
  /** Whether the brokers' CPU is burstable, with credits: kafka.t3. */
  readonly burstable: boolean
}

/** A credit is a minute of a full vCPU; kafka.t3.small earns 24 an hour. */
const FEW_CPU_CREDITS = 20

/** MSK reports every minute. Missing data means that MSK has a problem, and shows as INSUFFICIENT_DATA. */
const missing = TreatMissingData.MISSING

/** The health of an MSK cluster: https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html */
export class KafkaMonitoring {
  readonly #props: KafkaMonitoringProps
  readonly #metrics: KafkaMetrics

  constructor(props: KafkaMonitoringProps) {
    this.#props = props
    this.#metrics = new KafkaMetrics(props)
  }

  groupMetric(metricName: string, group: GroupMetricOptions): Metric {
    return this.#metrics.ofGroup(metricName, group)
  }

  /** Express brokers publish less: https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details-express.html */
  alarms(): AlarmSpec[] {
    return [
      {
        id: 'kafka-controller',
        runbook: 'kafka-controller',
        sentence:
          'Kafka has had no active controller for 15 minutes: it cannot elect leaders or change topics.',
        metric: this.#metrics.ofCluster('ActiveControllerCount'),
        threshold: 1,
        comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
        periods: 3,
        missing,
      },
      ...this.#metrics.alarmsOnWorstBroker({
        id: 'kafka-cpu',
        runbook: 'kafka-cpu',
        sentence: 'A Kafka broker has used more than 60 % of its CPU for 45 minutes.',
        // MSK's own advice: https://docs.aws.amazon.com/msk/latest/developerguide/bestpractices.html#bestpractices-monitor-cpu
        metricNames: ['CpuUser', 'CpuSystem'],
        statistic: 'Average',
        period: Duration.minutes(15),
        threshold: 60,
        periods: 3,
        missing,
      }),
      ...(this.#props.brokerType === 'standard' ? this.#alarmsOfStandardBrokers() : []),
      ...(this.#props.burstable ? this.#alarmsOfBurstableBrokers() : []),
    ]
  }

  #alarmsOfStandardBrokers(): AlarmSpec[] {
    return [
      {
        id: 'kafka-partitions-offline',
        runbook: 'kafka-partitions-offline',
        sentence: 'Kafka has partitions without a leader, which can be neither written nor read.',
        metric: this.#metrics.ofCluster('OfflinePartitionsCount'),
        threshold: 0,
        missing,
      },
      ...this.#metrics.alarmsOnWorstBroker({
        id: 'kafka-sends-refused',
        runbook: 'kafka-sends-refused',
        sentence: 'For 15 minutes Kafka has had partitions with too few in-sync replicas to accept sends.',
        metricNames: ['UnderMinIsrPartitionCount'],
        statistic: 'Maximum',
        period: Duration.minutes(5),
        threshold: 0,
        periods: 3,
        missing,
      }),
      ...this.#metrics.alarmsOnWorstBroker({
        id: 'kafka-replicas-behind',
        runbook: 'kafka-replicas-behind',
        sentence: 'For 45 minutes Kafka has had under-replicated partitions.',
        metricNames: ['UnderReplicatedPartitions'],
        statistic: 'Maximum',
        period: Duration.minutes(15),
        threshold: 0,
        periods: 3,
        missing,
      }),
      ...this.#metrics.alarmsOnWorstBroker({
        id: 'kafka-disk',
        runbook: 'kafka-disk',
        sentence:
          'A Kafka broker has filled more than 75 % of its disk, although the disk grows automatically.',
        metricNames: ['KafkaDataLogsDiskUsed'],
        statistic: 'Maximum',
        period: Duration.minutes(5),
        threshold: 75,
        periods: 3,
        missing,
      }),
      ...this.#metrics.alarmsOnWorstBroker({
        id: 'kafka-disk-credits',
        runbook: 'kafka-disk-credits',
        sentence:
          'The disk of a Kafka broker has had less than 20 % of its burst credits left for 15 minutes.',
        metricNames: ['BurstBalance'],
        statistic: 'Minimum',
        period: Duration.minutes(5),
        threshold: 20,
        comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
        periods: 3,
        // Not reported for disks whose baseline speed equals their burst speed.
        missing: TreatMissingData.NOT_BREACHING,
      }),
    ]
  }

  #alarmsOfBurstableBrokers(): AlarmSpec[] {
    return this.#metrics.alarmsOnWorstBroker({
      id: 'kafka-cpu-credits',
      runbook: 'kafka-cpu-credits',
      sentence: `A Kafka broker has had fewer than ${FEW_CPU_CREDITS} CPU credits left for an hour.`,
      metricNames: ['CPUCreditBalance'],
      statistic: 'Minimum',
      period: Duration.minutes(5),
      threshold: FEW_CPU_CREDITS,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: 12,
      missing,
    })
  }

  widgets(): IWidget[][] {
    const graph = (title: string, left: Metric[]) => new GraphWidget({ title, width: 12, left })
    const ofAll = [
      graph('CPU of each broker, percent', [
        ...this.#metrics.ofBrokers('CpuUser'),
        ...this.#metrics.ofBrokers('CpuSystem'),
      ]),
      graph('Bytes a second into each broker', this.#metrics.ofBrokers('BytesInPerSec')),
    ]
    if (this.#props.brokerType === 'express') return [ofAll]
    const copies = ['UnderReplicatedPartitions', 'UnderMinIsrPartitionCount']
    return [
      [
        graph('Partitions without a leader', [this.#metrics.ofCluster('OfflinePartitionsCount')]),
        graph(
          'Partitions with too few copies',
          copies.flatMap((name) => this.#metrics.ofBrokers(name)),
        ),
      ],
      ofAll,
      [
        graph('Disk used by each broker, percent', this.#metrics.ofBrokers('KafkaDataLogsDiskUsed')),
        ...(this.#props.burstable
          ? [graph('CPU credits of each broker', this.#metrics.ofBrokers('CPUCreditBalance'))]
          : []),
      ],
    ]
  }

  overview(): OverviewMetrics {
    return {
      cost: this.#metrics.ofBrokers('BytesInPerSec').map((metric) => metric.with({ statistic: 'Average' })),
    }
  }
}
