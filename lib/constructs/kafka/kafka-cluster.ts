import { Names, type RemovalPolicy } from 'aws-cdk-lib'
import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling'
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { CfnCluster, CfnConfiguration } from 'aws-cdk-lib/aws-msk'
import { Construct } from 'constructs'
import type { Brokers, GrowingStorage, SizeProfile } from '../../config.ts'
import type { FunctionDefaults } from '../functions/keeper-function.ts'
import { Kafka } from './kafka.ts'

export interface KafkaClusterProps {
  readonly vpc: IVpc
  readonly securityGroup: ISecurityGroup
  readonly profile: SizeProfile['kafka']
  readonly logs: FunctionDefaults['logs']
  /** Of the cluster and of its configuration, which cannot be deleted as long as the cluster uses it. */
  readonly removalPolicy: RemovalPolicy
}

/** The disk is made larger before a broker is fuller than this, in percent: MSK's own suggestion. */
const DISK_TARGET_PERCENT = 60

/** A provisioned MSK cluster that only takes IAM-authenticated clients over TLS. */
export class KafkaCluster extends Construct {
  readonly kafka: Kafka

  constructor(scope: Construct, id: string, props: KafkaClusterProps) {
    super(scope, id)
    const { vpc, securityGroup, profile, logs, removalPolicy } = props
    const { brokers, version, replicationFactor } = profile
    // MSK demands a name and CloudFormation makes none up, so it is derived from the path and nobody relies on it.
    const clusterName = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' })

    const configuration = new CfnConfiguration(this, 'configuration', {
      // Another version makes another configuration, which cannot have the same name.
      name: `${clusterName}-${version.replaceAll('.', '-')}`,
      kafkaVersionsList: [version],
      serverProperties: serverPropertiesOf(profile),
    })
    const logGroup = new LogGroup(this, 'broker-logs', logs)

    const cluster = new CfnCluster(this, 'cluster', {
      clusterName,
      kafkaVersion: version,
      numberOfBrokerNodes: brokers.count,
      configurationInfo: {
        arn: configuration.attrArn,
        revision: configuration.attrLatestRevisionRevision,
      },
      brokerNodeGroupInfo: {
        instanceType: brokers.instanceType,
        // With egress: pollers that run on demand reach Lambda and STS through these subnets.
        clientSubnets: vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_WITH_EGRESS }).subnetIds,
        securityGroups: [securityGroup.securityGroupId],
        storageInfo: diskOf(brokers),
      },
      clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
      // At rest MSK always encrypts, with the account's key aws/kafka unless another is named.
      encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS', inCluster: true } },
      enhancedMonitoring: profile.monitoring,
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: logGroup.logGroupName } } },
    })
    for (const resource of [cluster, configuration]) resource.applyRemovalPolicy(removalPolicy)
    if (brokers.type === 'standard') this.#growDisks(cluster, brokers.storage)

    this.kafka = new Kafka({
      clusterArn: cluster.attrArn,
      clusterName,
      brokers: brokers.count,
      replicationFactor,
      brokerType: brokers.type,
      burstable: brokers.instanceType.startsWith('kafka.t'),
    })
  }

  /** https://docs.aws.amazon.com/msk/latest/developerguide/msk-autoexpand-setup.html; disks of MSK never shrink. */
  #growDisks(cluster: CfnCluster, { initial, maximum }: GrowingStorage): void {
    const target = new CfnScalableTarget(this, 'disk', {
      serviceNamespace: 'kafka',
      scalableDimension: 'kafka:broker-storage:VolumeSize',
      resourceId: cluster.attrArn,
      minCapacity: initial.toGibibytes(),
      maxCapacity: maximum.toGibibytes(),
    })
    new CfnScalingPolicy(this, 'disk-growth', {
      policyName: 'disk-growth',
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.ref,
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: 'KafkaBrokerStorageUtilization' },
        targetValue: DISK_TARGET_PERCENT,
        disableScaleIn: true,
      },
    })
  }
}

const diskOf = (brokers: Brokers): CfnCluster.StorageInfoProperty | undefined =>
  brokers.type === 'standard'
    ? { ebsStorageInfo: { volumeSize: brokers.storage.initial.toGibibytes() } }
    : undefined

/** The properties of the brokers' configuration, a line each. */
export const serverPropertiesOf = (profile: SizeProfile['kafka']): string =>
  Object.entries(serverProperties(profile))
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')

/**
 * What differs from MSK's defaults; topics that need more say so themselves. Express brokers set copies, in-sync
 * copies and who may lead themselves: https://docs.aws.amazon.com/msk/latest/developerguide/msk-configuration-express.html
 */
const serverProperties = ({
  brokers,
  replicationFactor,
  topics,
}: SizeProfile['kafka']): Record<string, string | number | boolean> => ({
  // The stack makes the topics: a misspelt name fails instead of making another one.
  'auto.create.topics.enable': false,
  // Each topic says how long its records are kept; this is what one that others make gets.
  'log.retention.hours': Math.max(...topics.map(({ topic }) => topic.retentionMs)) / 3_600_000,
  ...(brokers.type === 'standard' && {
    'default.replication.factor': replicationFactor,
    // One broker may be away and producers that wait for all acknowledgements still go on.
    'min.insync.replicas': Math.max(1, replicationFactor - 1),
    // MSK's default lets a copy that is behind become leader, and acknowledged events are lost then:
    // https://docs.aws.amazon.com/msk/latest/developerguide/msk-default-configuration.html
    'unclean.leader.election.enable': false,
  }),
})
