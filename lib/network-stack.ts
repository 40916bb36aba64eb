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

/** The port of MSK's IAM listener inside the VPC. */
const KAFKA = Port.tcp(9098)
const POSTGRES = Port.tcp(DATABASE_PORT)
const SEARCH = Port.tcp(443)

/** The network of functions in one role: a security group, and what it may reach. */
export interface FunctionRole {
  readonly description: string
  /** `internet` allows everything outside and selects subnets with egress; without it, only the others listed. */
  readonly reaches: readonly ('internet' | 'kafka' | 'postgres' | 'search')[]
}

export interface NetworkStackProps extends StackProps {
  readonly profile: SizeProfile
  /** An existing network, and the security groups of an existing cluster or database. */
  readonly existing: Existing
  /** The names of the zones to use; default: by position. */
  readonly availabilityZones?: readonly string[]
}

/**
 * The network, and who may connect to whom. All security groups are created here, so that no other stack changes their
 * rules.
 */
export class NetworkStack extends Stack {
  readonly vpc: IVpc
  /** Subnets with a route to the internet, for Keepa, Secrets Manager and, with pollers on demand, Lambda and STS. */
  readonly egress: SubnetSelection = { subnetType: SubnetType.PRIVATE_WITH_EGRESS }
  /** Subnets without a route out of the network. */
  readonly isolated: SubnetSelection
  /** The security group of the brokers and of the event source mappings' pollers, which use the cluster's group. */
  readonly brokers: ISecurityGroup
  readonly database: ISecurityGroup

  readonly #zones: readonly string[]
  #search?: ISecurityGroup

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

    // The pollers use the cluster's group: https://docs.aws.amazon.com/lambda/latest/dg/with-msk-cluster-network.html
    this.brokers.addIngressRule(this.brokers, KAFKA, 'pollers of the event source mappings')
    if (profile.database.proxy) this.database.connections.allowInternally(POSTGRES, 'proxy')
  }

  /** The network for functions in a new role: creates their security group `role` with its rules. */
  functions(role: string, { description, reaches }: FunctionRole): FunctionNetwork {
    const closed = !reaches.includes('internet')
    const securityGroup = this.#group(role, description, { closed })
    const reach = (target: ISecurityGroup, port: Port) => {
      // A closed group needs an egress rule too; an open one has it.
      if (closed) securityGroup.connections.allowTo(target, port, role)
      else target.addIngressRule(securityGroup, port, role)
    }
    if (reaches.includes('kafka')) reach(this.brokers, KAFKA)
    if (reaches.includes('postgres')) reach(this.database, POSTGRES)
    if (reaches.includes('search')) reach(this.search, SEARCH)
    return { vpc: this.vpc, subnets: closed ? this.isolated : this.egress, securityGroup }
  }

  /** The security group of OpenSearch, made when it is first asked for: where search is off, there is none. */
  get search(): ISecurityGroup {
    this.#search ??= this.#group('search', 'OpenSearch', { closed: true })
    return this.#search
  }

  /** The zones to use. They are explicit because the CDK, without an account and region, assumes two. */
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
        // Rejected traffic is enough to find a wrong rule; all traffic would cost per gigabyte.
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
      reason: 'This app neither reads nor changes the routes of a network that somebody else owns.',
    })
    return Vpc.fromVpcAttributes(this, 'vpc', {
      vpcId: given.vpcId,
      availabilityZones: [...given.availabilityZones],
      privateSubnetIds: [...given.privateSubnetIds],
      isolatedSubnetIds: [...(given.databaseSubnetIds ?? given.privateSubnetIds)],
    })
  }

  /** A security group of one role; a `closed` one may connect only to what its rules allow. */
  #group(
    id: string,
    description: string,
    { closed = false, existing }: { readonly closed?: boolean; readonly existing?: string } = {},
  ): ISecurityGroup {
    if (existing) return SecurityGroup.fromSecurityGroupId(this, id, existing)
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: !closed })
  }
}

/** The first zones of the region; looking up their names would need credentials at synth. */
const byPosition = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => Fn.select(index, Fn.getAzs()))
