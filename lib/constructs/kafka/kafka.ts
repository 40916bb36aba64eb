import { Fn } from 'aws-cdk-lib'
import type { IWidget, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import { READ_GROUP_PREFIX } from '../../../lambdas/core/read-groups.ts'
import type { Topic } from '../../../lambdas/core/topics.ts'
import type { Brokers } from '../../config.ts'
import type { AlarmSpec, Monitored, OverviewMetrics } from '../monitoring/monitored.ts'
import type { GroupMetricOptions } from './kafka-metrics.ts'
import { KafkaMonitoring } from './kafka-monitoring.ts'

export interface KafkaProps {
  readonly clusterArn: string
  readonly clusterName: string
  readonly brokers: number
  /** Replicas of each partition. */
  readonly replicationFactor: number
  readonly brokerType: Brokers['type']
  /** Whether the brokers' CPU is burstable, with credits: kafka.t3. */
  readonly burstable: boolean
}

/** A provisioned MSK cluster, created by this app (KafkaCluster) or existing: its grants and its monitoring. */
export class Kafka implements Monitored {
  readonly title = 'kafka'
  readonly clusterArn: string
  readonly brokers: number
  readonly replicationFactor: number

  readonly #monitoring: KafkaMonitoring

  constructor(props: KafkaProps) {
    this.clusterArn = props.clusterArn
    this.brokers = props.brokers
    this.replicationFactor = props.replicationFactor
    this.#monitoring = new KafkaMonitoring(props)
  }

  /**
   * Lets a function send to `topic`, idempotently, and to no other.
   * Actions: https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
   */
  grantProduce(grantee: IGrantable, topic: Topic): void {
    grant(grantee, ['Connect', 'WriteDataIdempotently'], this.clusterArn)
    grant(grantee, ['DescribeTopic', 'WriteData'], this.#arnWithin('topic', topic.name))
  }

  /** Lets a function ask for the offsets of `topic`, and read no record of it. */
  grantDescribe(grantee: IGrantable, topic: Topic): void {
    grant(grantee, ['Connect'], this.clusterArn)
    grant(grantee, ['DescribeTopic'], this.#arnWithin('topic', topic.name))
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
   * Lets a function describe everything and read every topic, through groups of its own prefix alone, which it deletes.
   * Actions: https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
   */
  grantRead(grantee: IGrantable): void {
    const { topics, groups, readGroups } = this.#any()
    grant(grantee, ['Connect', 'DescribeCluster'], this.clusterArn)
    grant(grantee, ['DescribeTopic', 'DescribeTopicDynamicConfiguration', 'ReadData'], topics)
    grant(grantee, ['DescribeGroup'], groups)
    grant(grantee, ['AlterGroup', 'DeleteGroup'], readGroups)
  }

  /** Lets a function create topics, send to every topic, and move the offsets of every group. */
  grantOperate(grantee: IGrantable): void {
    const { topics, groups } = this.#any()
    grant(grantee, ['WriteDataIdempotently'], this.clusterArn)
    grant(grantee, ['CreateTopic', 'WriteData'], topics)
    grant(grantee, ['AlterGroup'], groups)
  }

  /** The ARNs with a wildcard that grantRead and grantOperate grant on. */
  wildcards(): string[] {
    return Object.values(this.#any())
  }

  #any() {
    return {
      topics: this.#arnWithin('topic', '*'),
      groups: this.#arnWithin('group', '*'),
      readGroups: this.#arnWithin('group', `${READ_GROUP_PREFIX}*`),
    }
  }

  /**
   * Lets a function read the brokers' addresses. The action does not support resources:
   * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmanagedstreamingforapachekafka.html
   */
  grantFindBrokers(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ['kafka:GetBootstrapBrokers'], resourceArns: ['*'] })
  }

  /** An MSK metric of a consumer group and its topic: the maximum of each period. */
  groupMetric(metricName: string, group: GroupMetricOptions): Metric {
    return this.#monitoring.groupMetric(metricName, group)
  }

  alarms(): AlarmSpec[] {
    return this.#monitoring.alarms()
  }

  widgets(): IWidget[][] {
    return this.#monitoring.widgets()
  }

  overview(): OverviewMetrics {
    return this.#monitoring.overview()
  }

  /**
   * The cluster's ARN is `<prefix>:cluster/<name>/<uuid>`. The uuid is only known at deploy time; a wildcard instead would
   * also match a later cluster of the same name.
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
