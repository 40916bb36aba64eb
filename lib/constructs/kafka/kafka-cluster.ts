import { Names, type RemovalPolicy } from 'aws-cdk-lib'
import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling'
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { CfnCluster, CfnConfiguration } from 'aws-cdk-lib/aws-msk'
import { Construct } from 'constructs'
import type { Brokers, GrowingStorage, SizeProfile } from '../../config.ts'
import { REPLAY } from '../../limits.ts'
import type { FunctionDefaults } from '../functions/keeper-function.ts'
import { Kafka } from './kafka.ts'

export interface KafkaClusterProps {
  readonly vpc: IVpc
  readonly securityGroup: ISecurityGroup
  readonly profile: SizeProfile['kafka']
  readonly logs: FunctionDefaults['logs']
  /** For the cluster and its configuration, which cannot be deleted while the cluster uses it. */
  readonly removalPolicy: RemovalPolicy
}

/** The disk usage, in percent, at which a broker's disk is enlarged: MSK's recommendation. */
const DISK_TARGET_PERCENT = 60

/** A provisioned MSK cluster that accepts only IAM-authenticated clients over TLS. */
export class KafkaCluster extends Construct {
  readonly kafka: Kafka

  constructor(scope: Construct, id: string, props: KafkaClusterProps) {
    super(scope, id)
    const { vpc, securityGroup, profile, logs, removalPolicy } = props
    const { brokers, version, replicationFactor } = profile
    // MSK requires a name and CloudFormation generates none, so it is derived from the path; nothing relies on it.
    const clusterName = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' })

    const configuration = new CfnConfiguration(this, 'configuration', {
      // Another version needs a new configuration, which cannot have the same name.
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
        // Subnets with egress, because pollers on demand reach Lambda and STS through them.
        clientSubnets: vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_WITH_EGRESS }).subnetIds,
        securityGroups: [securityGroup.securityGroupId],
        storageInfo: diskOf(brokers),
      },
      clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
      // At rest MSK always encrypts, by default with the account's key aws/kafka.
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

/** The brokers' configuration, one property a line. */
export const serverPropertiesOf = (profile: SizeProfile['kafka']): string =>
  Object.entries(serverProperties(profile))
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')

/**
 * What differs from MSK's defaults; topics may override it. Express brokers manage replicas, in-sync replicas and leader
 * election themselves: https://docs.aws.amazon.com/msk/latest/developerguide/msk-configuration-express.html
 */
const serverProperties = ({
  brokers,
  replicationFactor,
}: SizeProfile['kafka']): Record<string, string | number | boolean> => ({
  // The stack creates the topics, so that a misspelt name fails instead of creating another topic.
  'auto.create.topics.enable': false,
  // Each topic sets its own retention; this is the default for topics that others create. A constant: MSK restarts the
  // brokers one by one for a change of it (https://kafka.apache.org/41/configuration/broker-configs/, read-only).
  'log.retention.hours': REPLAY.toHours(),
  ...(brokers.type === 'standard' && {
    'default.replication.factor': replicationFactor,
    // With one broker down, producers that wait for all acknowledgements still work.
    'min.insync.replicas': Math.max(1, replicationFactor - 1),
    // By default MSK lets a replica that is behind become leader, which loses acknowledged events:
    // https://docs.aws.amazon.com/msk/latest/developerguide/msk-default-configuration.html
    'unclean.leader.election.enable': false,
  }),
})
