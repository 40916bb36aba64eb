import { Duration } from 'aws-cdk-lib'
import {
  GraphWidget,
  type IWidget,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { AlarmSpec, OverviewMetrics } from '../monitoring/monitored.ts'

export interface KafkaMonitoringProps {
  readonly clusterName: string
  readonly brokers: number
  /** Whether the brokers have disks of their own that can fill up. */
  readonly brokerDisks: boolean
}

/** How an MSK cluster does: https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html */
export class KafkaMonitoring {
  readonly #clusterName: string
  readonly #brokers: number
  readonly #brokerDisks: boolean

  constructor({ clusterName, brokers, brokerDisks }: KafkaMonitoringProps) {
    this.#clusterName = clusterName
    this.#brokers = brokers
    this.#brokerDisks = brokerDisks
  }

  timeLag(topic: string, groupId: string): Metric {
    return this.#metric('EstimatedMaxTimeLag', { 'Consumer Group': groupId, Topic: topic }).with({
      label: `${groupId} seconds behind`,
    })
  }

  alarms(): AlarmSpec[] {
    const fifteenMinutes = Duration.minutes(15)
    return [
      {
        id: 'kafka-partitions-offline',
        runbook: 'kafka-partitions-offline',
        sentence: 'Kafka has partitions without a leader: nothing can be sent to them or read from them.',
        metric: this.#metric('OfflinePartitionsCount'),
        threshold: 0,
        missing: TreatMissingData.MISSING,
      },
      {
        id: 'kafka-replicas-behind',
        runbook: 'kafka-replicas-behind',
        sentence: 'Kafka has had partitions with too few copies for 45 minutes.',
        metric: this.#worst('UnderReplicatedPartitions', fifteenMinutes),
        threshold: 0,
        periods: 3,
        missing: TreatMissingData.MISSING,
      },
      {
        id: 'kafka-cpu',
        runbook: 'kafka-cpu',
        sentence: 'A Kafka broker has used more than 60 % of its CPU for 45 minutes.',
        metric: this.#worst('CpuUser', fifteenMinutes),
        // MSK's own advice is CpuUser + CpuSystem below 60 %: https://docs.aws.amazon.com/msk/latest/developerguide/bestpractices.html
        threshold: 60,
        periods: 3,
        missing: TreatMissingData.MISSING,
      },
      ...(this.#brokerDisks
        ? [
            {
              id: 'kafka-disk',
              runbook: 'kafka-disk',
              sentence:
                'A Kafka broker has filled more than 75 % of its disk, although the disk grows by itself.',
              metric: this.#worst('KafkaDataLogsDiskUsed', Duration.minutes(5)),
              threshold: 75,
              periods: 3,
              missing: TreatMissingData.MISSING,
            },
          ]
        : []),
    ]
  }

  widgets(): IWidget[][] {
    const graph = (title: string, left: Metric[]) => new GraphWidget({ title, width: 12, left })
    return [
      [
        graph('Partitions without a leader', [this.#metric('OfflinePartitionsCount')]),
        graph('Partitions with too few copies', this.#perBroker('UnderReplicatedPartitions')),
      ],
      [
        graph('CPU of each broker, percent', this.#perBroker('CpuUser')),
        graph('Bytes a second into each broker', this.#perBroker('BytesInPerSec')),
      ],
      ...(this.#brokerDisks
        ? [[graph('Disk used by each broker, percent', this.#perBroker('KafkaDataLogsDiskUsed'))]]
        : []),
    ]
  }

  overview(): OverviewMetrics {
    return { cost: this.#perBroker('BytesInPerSec').map((metric) => metric.with({ statistic: 'Average' })) }
  }

  #metric(metricName: string, dimensions: Record<string, string> = {}, period = Duration.minutes(5)): Metric {
    return new Metric({
      namespace: 'AWS/Kafka',
      metricName,
      dimensionsMap: { 'Cluster Name': this.#clusterName, ...dimensions },
      statistic: 'Maximum',
      period,
    })
  }

  #perBroker(metricName: string, period?: Duration): Metric[] {
    return Array.from({ length: this.#brokers }, (_, index) => {
      const broker = String(index + 1)
      return this.#metric(metricName, { 'Broker ID': broker }, period).with({ label: `broker ${broker}` })
    })
  }

  /** The highest of all brokers. */
  #worst(metricName: string, period: Duration): MathExpression {
    const brokers = this.#perBroker(metricName, period)
    return new MathExpression({
      expression: `MAX([${brokers.map((_, index) => `b${index + 1}`).join(', ')}])`,
      usingMetrics: Object.fromEntries(brokers.map((metric, index) => [`b${index + 1}`, metric])),
      period,
      label: metricName,
    })
  }
}
