import { CrossStackReferences, CustomResource, Duration, ReferenceStrength, Size } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Provider } from 'aws-cdk-lib/custom-resources'
import { Construct } from 'constructs'
import type { KafkaCluster } from './kafka-cluster.ts'
import { KeeperFunction } from './keeper-function.ts'

export interface BootstrapBrokersProps {
  readonly cluster: KafkaCluster
  readonly logRetention: RetentionDays
}

/**
 * The addresses that Kafka clients start from. CloudFormation's MSK cluster has no attribute for them, so a custom
 * resource asks MSK at deploy time, and again when the number of brokers changes.
 */
export class BootstrapBrokers extends Construct {
  /** `host:port` of the IAM listener, separated by commas. */
  readonly servers: string

  constructor(scope: Construct, id: string, { cluster, logRetention }: BootstrapBrokersProps) {
    super(scope, id)
    const handler = new KeeperFunction(this, id, {
      source: id,
      description: 'Reads the bootstrap brokers of the Kafka cluster at deploy time',
      timeout: Duration.minutes(1),
      memory: Size.mebibytes(256),
      logRetention,
    })
    handler.addToRolePolicy(
      new PolicyStatement({ actions: ['kafka:GetBootstrapBrokers'], resources: [cluster.clusterArn] }),
    )

    const provider = new Provider(this, 'provider', {
      onEventHandler: handler,
      logGroup: new LogGroup(this, 'provider-logs', { retention: logRetention }),
    })
    const resource = new CustomResource(this, 'servers', {
      resourceType: 'Custom::BootstrapBrokers',
      serviceToken: provider.serviceToken,
      properties: { ClusterArn: cluster.clusterArn, Brokers: cluster.brokers },
    })
    // An exported value could not change while functions import it, and this one may: docs/decisions/cdk-cross-stack-references.md
    CrossStackReferences.of(resource).produce(ReferenceStrength.WEAK)
    this.servers = resource.getAttString('BootstrapServers')
  }
}
