import { CrossStackReferences, CustomResource, Duration, ReferenceStrength, Size } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Provider } from 'aws-cdk-lib/custom-resources'
import { Construct } from 'constructs'
import { executionRole } from '../functions/execution-role.ts'
import { type FunctionDefaults, KeeperFunction } from '../functions/keeper-function.ts'
import type { Kafka } from './kafka.ts'

export interface BootstrapBrokersProps {
  readonly kafka: Kafka
  readonly defaults: FunctionDefaults
}

/**
 * The addresses to which Kafka clients connect first. CloudFormation's MSK cluster has no attribute for them, so a custom
 * resource asks MSK at deploy time, and again when the number of brokers changes.
 */
export class BootstrapBrokers extends Construct {
  /** `host:port` of the IAM listener, separated by commas. */
  readonly servers: string

  constructor(scope: Construct, id: string, { kafka, defaults }: BootstrapBrokersProps) {
    super(scope, id)
    const handler = new KeeperFunction(this, id, {
      defaults,
      source: id,
      description: 'Reads the bootstrap brokers of the Kafka cluster at deploy time',
      timeout: Duration.minutes(1),
      memory: Size.mebibytes(256),
    })
    kafka.grantFindBrokers(handler)

    const provider = new Provider(this, 'provider', {
      onEventHandler: handler,
      ...this.#providerProps(handler, defaults),
    })
    const resource = new CustomResource(this, 'servers', {
      resourceType: 'Custom::BootstrapBrokers',
      serviceToken: provider.serviceToken,
      properties: { ClusterArn: kafka.clusterArn, Brokers: kafka.brokers },
    })
    // A weak reference: this value may change while functions use it (docs/decisions/cdk-cross-stack-references.md).
    CrossStackReferences.of(resource).produce(ReferenceStrength.WEAK)
    this.servers = resource.getAttString('BootstrapServers')
  }

  /** The provider's function may start the handler but not its versions; the CDK's role may start any version. */
  #providerProps(handler: KeeperFunction, { logs }: FunctionDefaults) {
    const logGroup = new LogGroup(this, 'provider-logs', logs)
    const role = executionRole(this, 'provider-role', { logGroup, insideVpc: false })
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction', 'lambda:GetFunction'],
        resources: [handler.functionArn],
      }),
    )
    return { logGroup, frameworkOnEventRole: role.withoutPolicyUpdates() }
  }
}
