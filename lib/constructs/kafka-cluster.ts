import { Fn, Names, RemovalPolicy, type Size, Stack } from 'aws-cdk-lib'
import { GraphWidget, type IWidget, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2'
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import { CfnCluster, CfnConfiguration } from 'aws-cdk-lib/aws-msk'
import { Construct } from 'constructs'
import type { Topic } from '../../lambdas/core/topics.ts'

/**
 * The same minor version as the local broker. MSK names its versions itself (`aws kafka list-kafka-versions`):
 * `.kraft` asks for KRaft, the only mode of Kafka 4, and 4.1 is the newest for standard brokers.
 * https://docs.aws.amazon.com/msk/latest/developerguide/supported-kafka-versions.html
 */
export const KAFKA_VERSION = '4.1.x.kraft'

export interface KafkaClusterProps {
  readonly vpc: IVpc
  readonly securityGroup: ISecurityGroup
  /** Broker nodes in the whole cluster: a multiple of the network's availability zones. */
  readonly brokers: number
  /** An MSK broker size, `kafka.m7g.large`. */
  readonly instanceType: string
  /** Disk of each broker. */
  readonly storage: Size
  /** Copies of each partition. */
  readonly replicationFactor: number
  readonly logRetention: RetentionDays
}

/** A provisioned MSK cluster that only takes IAM-authenticated clients over TLS. */
export class KafkaCluster extends Construct {
  readonly clusterArn: string
  readonly brokers: number
  readonly replicationFactor: number

  readonly #clusterName: string

  constructor(scope: Construct, id: string, props: KafkaClusterProps) {
    super(scope, id)
    this.brokers = props.brokers
    this.replicationFactor = props.replicationFactor
    // MSK demands a name and CloudFormation makes none up, so it is derived from the path and nobody relies on it.
    this.#clusterName = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' })

    const configuration = new CfnConfiguration(this, 'configuration', {
      name: this.#clusterName,
      kafkaVersionsList: [KAFKA_VERSION],
      serverProperties: Object.entries(serverProperties(props))
        .map(([name, value]) => `${name}=${value}`)
        .join('\n'),
    })

    const logs = new LogGroup(this, 'broker-logs', { retention: props.logRetention })

    const cluster = new CfnCluster(this, 'cluster', {
      clusterName: this.#clusterName,
      kafkaVersion: KAFKA_VERSION,
      numberOfBrokerNodes: props.brokers,
      configurationInfo: {
        arn: configuration.attrArn,
        revision: configuration.attrLatestRevisionRevision,
      },
      brokerNodeGroupInfo: {
        instanceType: props.instanceType,
        // With egress: pollers that run on demand reach Lambda and STS through these subnets.
        clientSubnets: props.vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_WITH_EGRESS }).subnetIds,
        securityGroups: [props.securityGroup.securityGroupId],
        storageInfo: { ebsStorageInfo: { volumeSize: props.storage.toGibibytes() } },
      },
      clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
      encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS', inCluster: true } },
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: logs.logGroupName } } },
    })
    cluster.applyRemovalPolicy(RemovalPolicy.RETAIN)
    this.clusterArn = cluster.attrArn
  }

  /**
   * Lets a function send to `topic`, idempotently, and to no other.
   * Actions: https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
   */
  grantProduce(grantee: IGrantable, topic: Topic): void {
    this.#grant(grantee, ['Connect', 'WriteDataIdempotently'], this.clusterArn)
    this.#grant(grantee, ['DescribeTopic', 'WriteData'], this.topicArn(topic))
  }

  /**
   * Lets an event source mapping read `topic` as `groupId` with the function's role: the mapping itself grants
   * nothing. Actions: https://docs.aws.amazon.com/lambda/latest/dg/msk-permissions.html
   */
  grantConsume(grantee: IGrantable, topic: Topic, groupId: string): void {
    this.#grant(grantee, ['Connect', 'DescribeClusterDynamicConfiguration'], this.clusterArn)
    this.#grant(grantee, ['DescribeTopic', 'ReadData'], this.topicArn(topic))
    this.#grant(grantee, ['AlterGroup', 'DescribeGroup'], this.groupArn(groupId))
  }

  /** `arn:aws:kafka:<region>:<account>:topic/<cluster>/<uuid>/<topic>`. */
  topicArn(topic: Topic): string {
    return this.#arnWithin('topic', topic.name)
  }

  /** `arn:aws:kafka:<region>:<account>:group/<cluster>/<uuid>/<group>`. */
  groupArn(groupId: string): string {
    return this.#arnWithin('group', groupId)
  }

  /** The cluster's row on the dashboard. */
  widgets(): IWidget[] {
    const metric = (metricName: string, dimensions: Record<string, string> = {}) =>
      new Metric({
        namespace: 'AWS/Kafka',
        metricName,
        dimensionsMap: { 'Cluster Name': this.#clusterName, ...dimensions },
        statistic: 'Maximum',
        region: Stack.of(this).region,
      })
    const brokerIds = Array.from({ length: this.brokers }, (_, index) => String(index + 1))
    return [
      new GraphWidget({
        title: 'Kafka: disk used by each broker, percent',
        width: 12,
        left: brokerIds.map((broker) =>
          metric('KafkaDataLogsDiskUsed', { 'Broker ID': broker }).with({ label: broker }),
        ),
      }),
      new GraphWidget({
        title: 'Kafka: partitions without a leader',
        width: 12,
        left: [metric('OfflinePartitionsCount')],
      }),
    ]
  }

  /**
   * The cluster's ARN is `<prefix>:cluster/<name>/<uuid>`. Its uuid is only known at deploy time, and a wildcard in
   * its place would also cover the next cluster of the same name.
   */
  #arnWithin(kind: 'topic' | 'group', name: string): string {
    const parts = Fn.split(':cluster/', this.clusterArn)
    return Fn.join('', [Fn.select(0, parts), `:${kind}/`, Fn.select(1, parts), `/${name}`])
  }

  #grant(grantee: IGrantable, actions: string[], arn: string): void {
    Grant.addToPrincipal({
      grantee,
      actions: actions.map((action) => `kafka-cluster:${action}`),
      resourceArns: [arn],
    })
  }
}

/** What differs from MSK's defaults; topics that need more say so themselves. */
const serverProperties = ({
  replicationFactor,
}: KafkaClusterProps): Record<string, string | number | boolean> => ({
  // The stack makes the topics: a misspelt name fails instead of making another one.
  'auto.create.topics.enable': false,
  'default.replication.factor': replicationFactor,
  // One broker may be away and producers that wait for all acknowledgements still go on.
  'min.insync.replicas': Math.max(1, replicationFactor - 1),
  'log.retention.hours': 168,
})
