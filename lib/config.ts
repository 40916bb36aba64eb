import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Topic } from '../lambdas/core/topics.ts'
import * as TOPICS from '../lambdas/core/topics.ts'

/** How many pollers Lambda keeps for one event source mapping in provisioned mode. */
export interface PollerRange {
  /** 1 to 200. */
  readonly minimum: number
  /** Up to 2,000; more than the topic's partitions are useless. */
  readonly maximum: number
}

/** A disk that grows automatically and never shrinks. */
export interface GrowingStorage {
  readonly initial: Size
  readonly maximum: Size
}

/** MSK's two kinds of brokers: https://docs.aws.amazon.com/msk/latest/developerguide/broker-instance-types.html */
export type Brokers =
  | {
      readonly type: 'standard'
      /** Broker nodes in the whole cluster: a multiple of the availability zones. */
      readonly count: number
      /** `kafka.m7g.large`: https://docs.aws.amazon.com/msk/latest/developerguide/broker-instance-sizes.html */
      readonly instanceType: string
      /** Disk of each broker. */
      readonly storage: GrowingStorage
    }
  | {
      /** MSK manages storage, and every partition has three replicas. */
      readonly type: 'express'
      readonly count: number
      /** `express.m7g.large` */
      readonly instanceType: string
    }

/** MSK's version names (`aws kafka list-kafka-versions`); `.kraft` means KRaft. */
export type KafkaVersion = '3.8.x' | '3.8.x.kraft' | '3.9.x' | '3.9.x.kraft' | '4.0.x.kraft' | '4.1.x.kraft'

/** How one consumer is invoked. */
export interface ConsumerProfile {
  readonly memory: Size
  readonly timeout: Duration
  /** Records in one invocation, 1 to 10,000. */
  readonly batchSize: number
  /** How long a poller gathers records for a batch; whole seconds. */
  readonly batchingWindow: Duration
  /** Provisioned mode; without it Lambda polls on demand, and a failed batch is always redelivered whole. */
  readonly pollers?: PollerRange
  /** The limit of concurrent invocations, and so of database connections; without it, the topic's partitions. */
  readonly reservedConcurrency?: number
}

/** How people are told. */
export interface NotifierProfile {
  readonly memory: Size
  /** How long a user's alerts are collected for one message. */
  readonly collectingWindow: Duration
  /** Messages of alerts that a user gets in a local day; what is beyond waits for the digest. */
  readonly messagesPerUser: number
  /** Alerts of one watch among them. */
  readonly alertsPerWatch: number
  /** The rate over all channels; e-mails go no faster than SES lets the account send besides. */
  readonly sendsPerSecond: number
}

const PEOPLE_BEAR = {
  collectingWindow: Duration.seconds(60),
  messagesPerUser: 20,
  alertsPerWatch: 3,
} as const satisfies Partial<NotifierProfile>

/** The default for all consumers, and overrides by consumer name. */
export interface ConsumerProfiles {
  readonly default: ConsumerProfile
  readonly [consumer: string]: Partial<ConsumerProfile>
}

export const consumerProfile = (profiles: ConsumerProfiles, consumer: string): ConsumerProfile => ({
  ...profiles.default,
  ...profiles[consumer],
})

/** A topic and its number of partitions in one size. */
export interface SizedTopic {
  readonly topic: Topic
  readonly partitions: number
}

/** Every topic of `topics` in one size. */
export const topicsOf = (
  size: keyof Topic['partitions'],
  topics: Readonly<Record<string, Topic>> = TOPICS,
): readonly SizedTopic[] =>
  Object.values(topics).map((topic) => ({ topic, partitions: topic.partitions[size] }))

/** Everything that differs between the sizes; docs/deploy.md has the table. */
export interface SizeProfile {
  /** Availability zones of the network; MSK takes two or three. */
  readonly availabilityZones: 2 | 3
  /** NAT gateways: one for all zones, or one each so that a zone's failure stays in that zone. */
  readonly natGateways: number
  /**
   * Whether data outlives its stack: cluster, topics, key and logs are retained, the database leaves a snapshot, and once
   * the stage is recorded (`npm run record-stage`) AWS refuses to delete the data stack and the database.
   */
  readonly protectData: boolean
  readonly logs: { readonly retention: RetentionDays; readonly removalPolicy: RemovalPolicy }
  readonly kafka: {
    readonly version: KafkaVersion
    readonly brokers: Brokers
    /** Replicas of each partition. Changing it would recreate the topics, without their data. */
    readonly replicationFactor: number
    /** The topics that the stack creates. */
    readonly topics: readonly SizedTopic[]
    /** The level of metrics, for which CloudWatch charges: https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html */
    readonly monitoring: 'PER_TOPIC_PER_BROKER' | 'PER_TOPIC_PER_PARTITION'
  }
  readonly database: {
    /** PostgreSQL's major version; RDS keeps the minor one current. */
    readonly version: '17' | '18'
    /** An EC2 instance type without the `db.` prefix. */
    readonly instanceType: string
    readonly storage: GrowingStorage
    /** A standby in a second availability zone. */
    readonly multiAz: boolean
    /** RDS Proxy between the functions and the instance: docs/decisions/cdk-no-rds-proxy.md. */
    readonly proxy: boolean
    /** How long automatic backups are kept. */
    readonly backupRetention: Duration
    /** CloudWatch Database Insights: `standard` keeps 7 days, `advanced` 15 months and is charged for. */
    readonly insights: 'standard' | 'advanced'
  }
  /** OpenSearch, where search is on. */
  readonly search: {
    /** As CloudFormation names it: `OpenSearch_3.7`. */
    readonly version: `OpenSearch_${number}.${number}`
    readonly instanceType: `${string}.search`
    /** Each in a zone of its own. */
    readonly nodes: 1 | 2 | 3
    /** The disk of each node; it does not grow by itself. */
    readonly storage: Size
  }
  /** A run may be long: it checks every watched product at the rate of Keepa's tokens. */
  readonly producers: { readonly memory: Size; readonly timeout: Duration }
  readonly consumers: ConsumerProfiles
  readonly notifier: NotifierProfile
  readonly alarms: {
    /** The age at which a stored record raises an alarm. */
    readonly consumerLag: Duration
    /** Connections to the database; RDS allows about memory in bytes / 9,531,392. */
    readonly databaseConnections: number
    /** The database's freeable memory: about a sixteenth of the instance's. */
    readonly databaseMemory: Size
    /** Keepa's tokens: fewer left than this after a run. */
    readonly keepaTokens: number
  }
}

const SEARCH_VERSION = 'OpenSearch_3.7'

/** The sizes that Keeper can be deployed in. */
export const PROFILES = {
  /** One engineer's stage: the smallest that AWS offers, without a standby, and deletable. */
  dev: {
    availabilityZones: 2,
    natGateways: 1,
    protectData: false,
    logs: { retention: RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY },
    kafka: {
      version: '4.1.x.kraft',
      brokers: {
        type: 'standard',
        count: 2,
        instanceType: 'kafka.t3.small',
        storage: { initial: Size.gibibytes(20), maximum: Size.gibibytes(100) },
      },
      replicationFactor: 2,
      topics: topicsOf('dev'),
      monitoring: 'PER_TOPIC_PER_BROKER',
    },
    database: {
      version: '18',
      instanceType: 't4g.micro',
      storage: { initial: Size.gibibytes(20), maximum: Size.gibibytes(100) },
      multiAz: false,
      proxy: false,
      backupRetention: Duration.days(1),
      insights: 'standard',
    },
    search: {
      version: SEARCH_VERSION,
      instanceType: 't3.small.search',
      nodes: 1,
      storage: Size.gibibytes(10),
    },
    producers: { memory: Size.mebibytes(256), timeout: Duration.minutes(14) },
    consumers: {
      default: {
        memory: Size.mebibytes(512),
        timeout: Duration.minutes(5),
        batchSize: 1_000,
        batchingWindow: Duration.seconds(1),
      },
    },
    notifier: { ...PEOPLE_BEAR, memory: Size.mebibytes(256), sendsPerSecond: 14 },
    alarms: {
      consumerLag: Duration.minutes(30),
      databaseConnections: 60,
      databaseMemory: Size.mebibytes(64),
      keepaTokens: 1,
    },
  },
  /** Some ten thousand watches; any one machine may fail. */
  small: {
    availabilityZones: 3,
    natGateways: 1,
    protectData: true,
    logs: { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
    kafka: {
      version: '4.1.x.kraft',
      brokers: {
        type: 'standard',
        count: 3,
        instanceType: 'kafka.m7g.large',
        storage: { initial: Size.gibibytes(100), maximum: Size.gibibytes(500) },
      },
      replicationFactor: 3,
      topics: topicsOf('small'),
      monitoring: 'PER_TOPIC_PER_BROKER',
    },
    database: {
      version: '18',
      instanceType: 't4g.medium',
      storage: { initial: Size.gibibytes(100), maximum: Size.gibibytes(500) },
      multiAz: true,
      proxy: false,
      backupRetention: Duration.days(7),
      insights: 'standard',
    },
    search: {
      version: SEARCH_VERSION,
      instanceType: 'm7g.medium.search',
      nodes: 2,
      storage: Size.gibibytes(20),
    },
    producers: { memory: Size.mebibytes(512), timeout: Duration.minutes(14) },
    consumers: {
      default: {
        memory: Size.mebibytes(1024),
        timeout: Duration.minutes(5),
        batchSize: 5_000,
        batchingWindow: Duration.seconds(1),
        pollers: { minimum: 1, maximum: 6 },
        reservedConcurrency: 6,
      },
    },
    notifier: { ...PEOPLE_BEAR, memory: Size.mebibytes(512), sendsPerSecond: 50 },
    alarms: {
      consumerLag: Duration.minutes(15),
      databaseConnections: 200,
      databaseMemory: Size.mebibytes(256),
      keepaTokens: 1,
    },
  },
  /** Millions of watches. */
  large: {
    availabilityZones: 3,
    natGateways: 3,
    protectData: true,
    logs: { retention: RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
    kafka: {
      version: '4.1.x.kraft',
      brokers: {
        type: 'standard',
        count: 6,
        instanceType: 'kafka.m7g.xlarge',
        storage: { initial: Size.gibibytes(500), maximum: Size.gibibytes(4_000) },
      },
      replicationFactor: 3,
      topics: topicsOf('large'),
      monitoring: 'PER_TOPIC_PER_PARTITION',
    },
    database: {
      version: '18',
      instanceType: 'r7g.xlarge',
      storage: { initial: Size.gibibytes(500), maximum: Size.gibibytes(4_000) },
      multiAz: true,
      proxy: false,
      backupRetention: Duration.days(14),
      insights: 'advanced',
    },
    search: {
      version: SEARCH_VERSION,
      instanceType: 'm7g.large.search',
      nodes: 3,
      storage: Size.gibibytes(100),
    },
    producers: { memory: Size.mebibytes(1024), timeout: Duration.minutes(14) },
    consumers: {
      default: {
        memory: Size.mebibytes(2048),
        timeout: Duration.minutes(5),
        batchSize: 10_000,
        batchingWindow: Duration.seconds(1),
        pollers: { minimum: 2, maximum: 24 },
        reservedConcurrency: 24,
      },
    },
    notifier: { ...PEOPLE_BEAR, memory: Size.mebibytes(1024), sendsPerSecond: 200 },
    alarms: {
      consumerLag: Duration.minutes(5),
      databaseConnections: 500,
      databaseMemory: Size.gibibytes(2),
      keepaTokens: 100,
    },
  },
} as const satisfies Record<keyof Topic['partitions'], SizeProfile>
