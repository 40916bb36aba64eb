import { Duration, Size } from 'aws-cdk-lib'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Node } from 'constructs'
import { KeeperError } from '../lambdas/core/errors.ts'
import { MARKETPLACES, marketplaceOf } from '../lambdas/core/marketplaces.ts'

/** How many pollers Lambda keeps for one event source mapping in provisioned mode. */
export interface PollerRange {
  /** 1 to 200. */
  readonly minimum: number
  /** Up to 2,000; more than the topic has partitions are never of use. */
  readonly maximum: number
}

/** Everything that differs between a small and a large Keeper. */
export interface SizeProfile {
  /** Availability zones of the network; MSK takes two or three. */
  readonly availabilityZones: 2 | 3
  /** NAT gateways: one for all zones, or one each so that a zone's failure stays in that zone. */
  readonly natGateways: number
  readonly logRetention: RetentionDays
  readonly kafka: {
    /** Broker nodes in the whole cluster: a multiple of the availability zones. */
    readonly brokers: number
    /** An MSK broker size: https://docs.aws.amazon.com/msk/latest/developerguide/broker-instance-sizes.html */
    readonly instanceType: string
    /** Disk of each broker. */
    readonly storage: Size
    /** Copies of each partition. Changing it makes the topics anew, without their data. */
    readonly replicationFactor: number
    /** Partitions of each topic: the upper limit of consumers that run in parallel. They can grow, never shrink. */
    readonly partitions: { readonly prices: number; readonly deals: number }
  }
  readonly database: {
    /** An EC2 instance type without the `db.` prefix. */
    readonly instanceType: string
    readonly storage: Size
    /** A standby in a second availability zone. */
    readonly multiAz: boolean
    /** How long automatic backups are kept. */
    readonly backupRetention: Duration
  }
  /** A run may be long: it goes through every watched product at the pace of Keepa's tokens. */
  readonly producers: { readonly memory: Size; readonly timeout: Duration }
  readonly consumers: {
    readonly memory: Size
    readonly timeout: Duration
    /** Records in one invocation, 1 to 10,000. */
    readonly batchSize: number
    /** How long a poller gathers records for one batch, whole seconds. */
    readonly batchingWindow: Duration
    /** Provisioned mode; without it Lambda polls on demand, and a failed batch is always delivered again whole. */
    readonly pollers?: PollerRange
  }
}

/** The sizes that Keeper can be deployed in. */
export const PROFILES = {
  /** One engineer's stage: as little as AWS sells, and no standby. */
  dev: {
    availabilityZones: 2,
    natGateways: 1,
    logRetention: RetentionDays.ONE_WEEK,
    kafka: {
      brokers: 2,
      instanceType: 'kafka.t3.small',
      storage: Size.gibibytes(20),
      replicationFactor: 2,
      partitions: { prices: 3, deals: 3 },
    },
    database: {
      instanceType: 't4g.micro',
      storage: Size.gibibytes(20),
      multiAz: false,
      backupRetention: Duration.days(1),
    },
    producers: { memory: Size.mebibytes(256), timeout: Duration.minutes(14) },
    consumers: {
      memory: Size.mebibytes(512),
      timeout: Duration.minutes(5),
      batchSize: 1_000,
      batchingWindow: Duration.seconds(1),
    },
  },
  /** Some ten thousand watches, on machines that may fail one at a time. */
  small: {
    availabilityZones: 3,
    natGateways: 1,
    logRetention: RetentionDays.ONE_MONTH,
    kafka: {
      brokers: 3,
      instanceType: 'kafka.m7g.large',
      storage: Size.gibibytes(100),
      replicationFactor: 3,
      partitions: { prices: 6, deals: 6 },
    },
    database: {
      instanceType: 't4g.medium',
      storage: Size.gibibytes(100),
      multiAz: true,
      backupRetention: Duration.days(7),
    },
    producers: { memory: Size.mebibytes(512), timeout: Duration.minutes(14) },
    consumers: {
      memory: Size.mebibytes(1024),
      timeout: Duration.minutes(5),
      batchSize: 5_000,
      batchingWindow: Duration.seconds(1),
      pollers: { minimum: 1, maximum: 6 },
    },
  },
  /** Millions of watches. */
  large: {
    availabilityZones: 3,
    natGateways: 3,
    logRetention: RetentionDays.THREE_MONTHS,
    kafka: {
      brokers: 6,
      instanceType: 'kafka.m7g.xlarge',
      storage: Size.gibibytes(500),
      replicationFactor: 3,
      partitions: { prices: 24, deals: 24 },
    },
    database: {
      instanceType: 'r7g.xlarge',
      storage: Size.gibibytes(500),
      multiAz: true,
      backupRetention: Duration.days(14),
    },
    producers: { memory: Size.mebibytes(1024), timeout: Duration.minutes(14) },
    consumers: {
      memory: Size.mebibytes(2048),
      timeout: Duration.minutes(5),
      batchSize: 10_000,
      batchingWindow: Duration.seconds(1),
      pollers: { minimum: 2, maximum: 24 },
    },
  },
} as const satisfies Record<string, SizeProfile>

/** What one synthesis builds. */
export interface Settings {
  /** Tells deployments in one account apart; part of every stack's name. */
  readonly stage: string
  readonly profile: SizeProfile
  /** Marketplaces whose deals are collected. */
  readonly dealDomains: readonly string[]
}

/**
 * The settings that the context asks for: `-c stage=dev -c size=dev -c dealDomains=de,com`.
 * @throws KeeperError `settings_invalid` with one sentence that says what to change
 */
export function readSettings(node: Node): Settings {
  const stage = String(node.tryGetContext('stage') ?? 'dev')
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage)) {
    throw new KeeperError(
      'settings_invalid',
      `The stage "${stage}" cannot be part of a stack's name; choose one with -c stage=<name> that starts with a letter and has at most 20 lower-case letters, digits and hyphens.`,
    )
  }

  const size = String(node.tryGetContext('size') ?? 'dev')
  if (!isSize(size)) {
    throw new KeeperError(
      'settings_invalid',
      `There is no size profile "${size}"; choose one of ${Object.keys(PROFILES).join(', ')} with -c size=<name>.`,
    )
  }

  const dealDomains = String(node.tryGetContext('dealDomains') ?? 'de').split(',')
  const unknown = dealDomains.find((domain) => !marketplaceOf(domain))
  if (unknown !== undefined) {
    throw new KeeperError(
      'settings_invalid',
      `Keepa knows no marketplace "${unknown}"; give -c dealDomains=<list> any of ${MARKETPLACES.map(({ domain }) => domain).join(',')}.`,
    )
  }

  const profile: SizeProfile = PROFILES[size]
  const problems = profileProblems(profile)
  if (problems.length > 0)
    throw new KeeperError('settings_invalid', `Size profile "${size}": ${problems.join(' ')}`)
  return { stage, profile, dealDomains }
}

const isSize = (size: string): size is keyof typeof PROFILES => Object.hasOwn(PROFILES, size)

/** What MSK would refuse in a profile, one sentence each; empty for a profile that can be deployed. */
export function profileProblems({ availabilityZones, kafka, consumers }: SizeProfile): string[] {
  const problems: string[] = []
  if (kafka.brokers % availabilityZones !== 0) {
    problems.push(
      `MSK spreads brokers evenly: make kafka.brokers (${kafka.brokers}) a multiple of availabilityZones (${availabilityZones}).`,
    )
  }
  if (kafka.replicationFactor > kafka.brokers) {
    problems.push(
      `Each copy of a partition needs a broker of its own: lower kafka.replicationFactor (${kafka.replicationFactor}) to at most kafka.brokers (${kafka.brokers}).`,
    )
  }
  const mostPartitions = Math.max(kafka.partitions.prices, kafka.partitions.deals)
  if (consumers.pollers && consumers.pollers.maximum > mostPartitions) {
    problems.push(
      `A partition has one poller at most: lower consumers.pollers.maximum (${consumers.pollers.maximum}) to the topics' ${mostPartitions} partitions.`,
    )
  }
  return problems
}
