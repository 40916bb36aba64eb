import { Duration, Fn } from 'aws-cdk-lib'
import {
  GraphWidget,
  type IWidget,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import type { Topic } from '../../lambdas/core/topics.ts'
import type { AlarmSpec, Monitored, OverviewMetrics } from './monitored.ts'

export interface KafkaProps {
  readonly clusterArn: string
  readonly clusterName: string
  readonly brokers: number
  /** Copies of each partition. */
  readonly replicationFactor: number
  /** Whether the brokers have disks of their own that can fill up; Express brokers have none. */
  readonly brokerDisks: boolean
}

/** A provisioned MSK cluster, made by this app (KafkaCluster) or there already: who may use it, and how it does. */
export class Kafka implements Monitored {
  readonly title = 'kafka'
  readonly clusterArn: string
  readonly brokers: number
  readonly replicationFactor: number

  readonly #clusterName: string
  readonly #brokerDisks: boolean

  constructor(props: KafkaProps) {
    this.clusterArn = props.clusterArn
    this.brokers = props.brokers
    this.replicationFactor = props.replicationFactor
    this.#clusterName = props.clusterName
    this.#brokerDisks = props.brokerDisks
  }

  /**
   * Lets a function send to `topic`, idempotently, and to no other.
   * Actions: https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
   */
  grantProduce(grantee: IGrantable, topic: Topic): void {
    grant(grantee, ['Connect', 'WriteDataIdempotently'], this.clusterArn)
    grant(grantee, ['DescribeTopic', 'WriteData'], this.#arnWithin('topic', topic.name))
  }

  /**
   * Lets an event source mapping read `topic` as `groupId` with the function's role: the mapping itself grants
   * nothing. Actions: https://docs.aws.amazon.com/lambda/latest/dg/msk-permissions.html
   */
  grantConsume(grantee: IGrantable, topic: Topic, groupId: string): void {
    grant(grantee, ['Connect', 'DescribeClusterDynamicConfiguration'], this.clusterArn)
    Grant.addToPrincipal({
      grantee,
      actions: ['kafka:DescribeCluster', 'kafka:DescribeClusterV2'],
      resourceArns: [this.clusterArn],
    })
    this.grantFindBrokers(grantee)
    grant(grantee, ['DescribeTopic', 'ReadData'], this.#arnWithin('topic', topic.name))
    grant(grantee, ['AlterGroup', 'DescribeGroup'], this.#arnWithin('group', groupId))
  }

  /**
   * Lets a function ask where brokers are. The action takes no resource:
   * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmanagedstreamingforapachekafka.html
   */
  grantFindBrokers(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ['kafka:GetBootstrapBrokers'], resourceArns: ['*'] })
  }

  /** Seconds that the oldest record a group has not read yet has waited, as MSK estimates them. */
  timeLag(topic: Topic, groupId: string): Metric {
    return this.#metric('EstimatedMaxTimeLag', { 'Consumer Group': groupId, Topic: topic.name }).with({
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
    return Array.from({ length: this.brokers }, (_, index) => {
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

  /**
   * The cluster's ARN is `<prefix>:cluster/<name>/<uuid>`. Its uuid is only known at deploy time, and a wildcard in
   * its place would also cover the next cluster of the same name.
   */
  #arnWithin(kind: 'topic' | 'group', name: string): string {
    const parts = Fn.split(':cluster/', this.clusterArn)
    return Fn.join('', [Fn.select(0, parts), `:${kind}/`, Fn.select(1, parts), `/${name}`])
  }
}

function grant(grantee: IGrantable, actions: string[], arn: string): void {
  Grant.addToPrincipal({
    grantee,
    actions: actions.map((action) => `kafka-cluster:${action}`),
    resourceArns: [arn],
  })
}
