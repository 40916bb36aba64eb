import { Annotations, Fn, Stack, type StackProps, Validations } from 'aws-cdk-lib'
import {
  FlowLogDestination,
  FlowLogTrafficType,
  type ISecurityGroup,
  type IVpc,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { SizeProfile } from './config.ts'
import type { FunctionNetwork } from './constructs/functions/keeper-function.ts'
import { DATABASE_PORT } from './constructs/postgres/postgres.ts'
import type { Existing, ExistingVpc } from './existing.ts'

/** The port on which MSK brokers take IAM-authenticated clients inside the VPC. */
const KAFKA = Port.tcp(9098)
const POSTGRES = Port.tcp(DATABASE_PORT)

/** What functions of one role have in common in the network: a security group, and what it opens. */
export interface FunctionRole {
  readonly description: string
  /** `internet` reaches everything outside, and goes to subnets with a way there; without it nothing else is reached. */
  readonly reaches: readonly ('internet' | 'kafka' | 'postgres')[]
}

export interface NetworkStackProps extends StackProps {
  readonly profile: SizeProfile
  /** The network, and the security groups of a cluster or database that are there already. */
  readonly existing: Existing
  /** The names of the zones to use; by position unless given. */
  readonly availabilityZones?: readonly string[]
}

/**
 * The network and who may talk to whom in it. All security groups are made here, so that no other stack changes
 * another one's rules.
 */
export class NetworkStack extends Stack {
  readonly vpc: IVpc
  /** Subnets with a way to the internet: Keepa, Secrets Manager and, for pollers on demand, Lambda and STS. */
  readonly egress: SubnetSelection = { subnetType: SubnetType.PRIVATE_WITH_EGRESS }
  /** Subnets for what reaches nothing outside of the network. */
  readonly isolated: SubnetSelection
  /** The Kafka brokers, and the pollers of the event source mappings, which take the cluster's group. */
  readonly brokers: ISecurityGroup
  readonly database: ISecurityGroup

  readonly #zones: readonly string[]

  constructor(
    scope: Construct,
    id: string,
    { profile, existing, availabilityZones, ...props }: NetworkStackProps,
  ) {
    super(scope, id, props)
    this.#zones = availabilityZones ?? byPosition(profile.availabilityZones)
    this.vpc = existing.vpc ? this.#importVpc(existing.vpc) : this.#makeVpc(profile)
    this.isolated = { subnetType: SubnetType.PRIVATE_ISOLATED }

    this.brokers = this.#group('brokers', 'Kafka brokers and the pollers of the event source mappings', {
      existing: existing.kafka?.securityGroupId,
    })
    this.database = this.#group('database', 'PostgreSQL', {
      closed: true,
      existing: existing.database?.securityGroupId,
    })

    // https://docs.aws.amazon.com/lambda/latest/dg/with-msk-cluster-network.html: the pollers join the cluster's group.
    this.brokers.addIngressRule(this.brokers, KAFKA, 'pollers of the event source mappings')
    if (profile.database.proxy) this.database.connections.allowInternally(POSTGRES, 'proxy')
  }

  /** Where functions of a new role run: in a security group of their own, `role`, made here with its rules. */
  functions(role: string, { description, reaches }: FunctionRole): FunctionNetwork {
    const closed = !reaches.includes('internet')
    const securityGroup = this.#group(role, description, { closed })
    const reach = (target: ISecurityGroup, port: Port) => {
      // A closed group needs the way there as well; an open one has it.
      if (closed) securityGroup.connections.allowTo(target, port, role)
      else target.addIngressRule(securityGroup, port, role)
    }
    if (reaches.includes('kafka')) reach(this.brokers, KAFKA)
    if (reaches.includes('postgres')) reach(this.database, POSTGRES)
    return { vpc: this.vpc, subnets: closed ? this.isolated : this.egress, securityGroup }
  }

  /** The zones to use, because without an account and region the CDK assumes two, by position. */
  override get availabilityZones(): string[] {
    return [...this.#zones]
  }

  #makeVpc({ availabilityZones, natGateways, logs }: SizeProfile): Vpc {
    return new Vpc(this, 'vpc', {
      maxAzs: availabilityZones,
      natGateways,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        { name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 22 },
      ],
      flowLogs: {
        // What was refused tells a wrong rule; all traffic would cost by the gigabyte.
        rejected: {
          destination: FlowLogDestination.toCloudWatchLogs(new LogGroup(this, 'flow-logs', logs)),
          trafficType: FlowLogTrafficType.REJECT,
        },
      },
    })
  }

  #importVpc(given: ExistingVpc): IVpc {
    Annotations.of(this).addWarningV2(
      'keeper:existing-vpc',
      `Not verified at synth: that the private subnets of ${given.vpcId} reach the internet (Keepa, Secrets Manager, and for consumers without pollers Lambda and STS) and that its DNS resolution is on.`,
    )
    Validations.of(this).acknowledge({
      id: '@aws-cdk/aws-ec2:noSubnetRouteTableId',
      reason: 'Nothing here reads or changes the routes of a network that somebody else owns.',
    })
    return Vpc.fromVpcAttributes(this, 'vpc', {
      vpcId: given.vpcId,
      availabilityZones: [...given.availabilityZones],
      privateSubnetIds: [...given.privateSubnetIds],
      isolatedSubnetIds: [...(given.databaseSubnetIds ?? given.privateSubnetIds)],
    })
  }

  /** A security group of one role; `closed` opens connections to nobody but those that it is told of. */
  #group(
    id: string,
    description: string,
    { closed = false, existing }: { readonly closed?: boolean; readonly existing?: string } = {},
  ): ISecurityGroup {
    if (existing) return SecurityGroup.fromSecurityGroupId(this, id, existing)
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: !closed })
  }
}

/** The first zones of the region that it is deployed in: looking up their names would need credentials to synthesize. */
const byPosition = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => Fn.select(index, Fn.getAzs()))
