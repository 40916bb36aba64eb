import { Fn, Stack, type StackProps } from 'aws-cdk-lib'
import { Port, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2'
import type { Construct } from 'constructs'
import type { SizeProfile } from './config.ts'
import { DATABASE_PORT } from './constructs/price-database.ts'

/** The port on which MSK brokers take IAM-authenticated clients inside the VPC. */
const KAFKA_IAM_PORT = 9098

export interface NetworkStackProps extends StackProps {
  readonly profile: SizeProfile
}

/**
 * The network and who may talk to whom in it. All security groups are made here, so that no other stack changes
 * another one's rules.
 */
export class NetworkStack extends Stack {
  readonly vpc: Vpc
  /** The Kafka brokers, and the pollers of the event source mappings, which take the cluster's group. */
  readonly brokers: SecurityGroup
  readonly producers: SecurityGroup
  readonly consumers: SecurityGroup
  readonly migrator: SecurityGroup
  readonly database: SecurityGroup

  readonly #zones: number

  constructor(scope: Construct, id: string, { profile, ...props }: NetworkStackProps) {
    super(scope, id, props)
    this.#zones = profile.availabilityZones

    this.vpc = new Vpc(this, 'vpc', {
      maxAzs: profile.availabilityZones,
      natGateways: profile.natGateways,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24 },
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        { name: 'database', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
    })

    this.brokers = this.#group('brokers', 'Kafka brokers and the pollers of the event source mappings')
    this.producers = this.#group('producers', 'Functions that send to Kafka')
    this.consumers = this.#group('consumers', 'Functions that store what they are given')
    this.migrator = this.#group('migrator', 'The function that applies migrations')
    this.database = this.#group('database', 'PostgreSQL', { allowAllOutbound: false })

    const kafka = Port.tcp(KAFKA_IAM_PORT)
    // https://docs.aws.amazon.com/lambda/latest/dg/with-msk-cluster-network.html: the pollers join the cluster's group.
    this.brokers.addIngressRule(this.brokers, kafka, 'pollers of the event source mappings')
    this.brokers.addIngressRule(this.producers, kafka, 'producers')

    const postgres = Port.tcp(DATABASE_PORT)
    this.database.addIngressRule(this.producers, postgres, 'producers')
    this.database.addIngressRule(this.consumers, postgres, 'consumers')
    this.database.addIngressRule(this.migrator, postgres, 'migrator')
  }

  /**
   * The zones by position: without an account and region the CDK assumes two, and looking them up would need
   * credentials to synthesize.
   */
  override get availabilityZones(): string[] {
    return Array.from({ length: this.#zones }, (_, index) => Fn.select(index, Fn.getAzs()))
  }

  #group(id: string, description: string, { allowAllOutbound = true } = {}): SecurityGroup {
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound })
  }
}
