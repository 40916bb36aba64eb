import {
  type Brokers,
  type ConsumerProfile,
  consumerProfile,
  type GrowingStorage,
  type KafkaVersion,
  type SizeProfile,
} from './config.ts'
import { DATABASE_ZONES, KAFKA_MAPPING, KAFKA_ZONES, LAMBDA_TIMEOUT } from './limits.ts'

/** Kafka versions by broker type: https://docs.aws.amazon.com/msk/latest/developerguide/supported-kafka-versions.html */
const OFFERED: Record<Brokers['type'], readonly KafkaVersion[]> = {
  standard: ['3.8.x', '3.8.x.kraft', '3.9.x', '3.9.x.kraft', '4.0.x.kraft', '4.1.x.kraft'],
  // The document history of 2025-06-05 names 3.8 for Express; no page that was found names a later version.
  express: ['3.8.x', '3.8.x.kraft'],
}

/** Instance families without PostgreSQL 17 or 18 on RDS: they end with version 12 or earlier. */
const FAMILIES_WITHOUT_POSTGRES = ['t2', 'm3', 'm4', 'r3', 'r4']

/** The deployment that a profile is used for: its zones, and the parts that exist already. */
export interface Use {
  /** The number of zones for Kafka and the database, and the setting to name in errors. */
  readonly zones: { readonly count: number; readonly setting: string }
  /** Whether this app creates the cluster and the database; existing ones are not checked. */
  readonly makes: { readonly kafka: boolean; readonly database: boolean }
}

const useOf = ({ availabilityZones }: SizeProfile): Use => ({
  zones: { count: availabilityZones, setting: 'availabilityZones' },
  makes: { kafka: true, database: true },
})

/** What AWS or docs/events.md does not allow in a profile, one sentence each; empty if it can be deployed. */
export const profileProblems = (profile: SizeProfile, use: Use = useOf(profile)): string[] => [
  ...(use.makes.kafka ? brokerProblems(profile, use.zones) : []),
  ...(use.makes.database ? databaseProblems(profile, use.zones) : []),
  ...functionProblems(profile),
]

function* brokerProblems({ kafka }: SizeProfile, zones: Use['zones']): Generator<string> {
  const { brokers, version, replicationFactor } = kafka
  if (!KAFKA_ZONES.includes(zones.count)) {
    yield `MSK needs subnets in ${KAFKA_ZONES.join(' or ')} zones: change ${zones.setting} (${zones.count}).`
  }
  if (brokers.count % zones.count !== 0) {
    yield `MSK spreads brokers evenly: make kafka.brokers.count (${brokers.count}) a multiple of ${zones.setting} (${zones.count}).`
  }
  if (replicationFactor > brokers.count) {
    yield `Each replica of a partition needs its own broker: lower kafka.replicationFactor (${replicationFactor}) to at most kafka.brokers.count (${brokers.count}).`
  }
  if (!OFFERED[brokers.type].includes(version)) {
    yield `MSK does not offer Kafka ${version} with ${brokers.type} brokers: set kafka.version to one of ${OFFERED[brokers.type].join(', ')}.`
  }
  const prefix = brokers.type === 'express' ? 'express.' : 'kafka.'
  if (!brokers.instanceType.startsWith(prefix)) {
    yield `${brokers.instanceType} is not a size of ${brokers.type} brokers: set kafka.brokers.instanceType to one that starts with "${prefix}".`
  }
  if (brokers.type === 'express' && (zones.count !== 3 || replicationFactor !== 3)) {
    yield `Express brokers keep three replicas in three zones: set ${zones.setting} and kafka.replicationFactor to 3.`
  }
  if (brokers.type === 'standard') yield* storageProblems('kafka.brokers.storage', brokers.storage)
}

function* databaseProblems({ database }: SizeProfile, zones: Use['zones']): Generator<string> {
  const { version, instanceType, storage, backupRetention } = database
  if (zones.count < DATABASE_ZONES) {
    yield `RDS needs subnets in ${DATABASE_ZONES} zones: add one to ${zones.setting} (${zones.count}).`
  }
  yield* storageProblems('database.storage', storage)
  const [family = ''] = instanceType.split('.')
  if (FAMILIES_WITHOUT_POSTGRES.includes(family)) {
    yield `RDS does not offer PostgreSQL ${version} on db.${instanceType}: set database.instanceType to a newer family, such as t4g, m7g or r7g.`
  }
  const days = backupRetention.toDays()
  if (days < 1 || days > 35) {
    yield `RDS keeps automatic backups for 1 to 35 days: change database.backupRetention (${days} days).`
  }
}

function* functionProblems({ kafka, producers, consumers }: SizeProfile): Generator<string> {
  if (producers.timeout.toSeconds() > LAMBDA_TIMEOUT.toSeconds()) {
    yield `A function may run at most ${LAMBDA_TIMEOUT.toMinutes()} minutes: lower producers.timeout (${producers.timeout.toMinutes()} min).`
  }
  const readers = kafka.topics.flatMap(({ topic, partitions }) =>
    Object.keys(topic.groups).map((consumer) => ({ consumer, partitions })),
  )
  for (const name of Object.keys(consumers)) {
    const read = readers.filter(({ consumer }) =>
      name === 'default' ? !(consumer in consumers) : consumer === name,
    )
    if (read.length > 0) {
      const mostPartitions = Math.max(...read.map(({ partitions }) => partitions))
      yield* consumerProblems(`consumers.${name}`, consumerProfile(consumers, name), mostPartitions)
    } else if (name !== 'default') {
      yield `No topic has a group for the consumer "${name}": rename consumers.${name} to one of ${readers.map(({ consumer }) => consumer).join(', ')}.`
    }
  }
}

function* consumerProblems(
  name: string,
  { batchSize, batchingWindow, pollers, reservedConcurrency, timeout }: ConsumerProfile,
  mostPartitions: number,
): Generator<string> {
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > KAFKA_MAPPING.batchSize) {
    yield `A batch may have 1 to ${KAFKA_MAPPING.batchSize} records: change ${name}.batchSize (${batchSize}).`
  }
  const window = KAFKA_MAPPING.batchingWindow.toSeconds()
  if (batchingWindow.toSeconds() > window) {
    yield `Lambda gathers records for at most ${window} s: lower ${name}.batchingWindow (${batchingWindow.toSeconds()} s).`
  }
  if (timeout.toSeconds() > KAFKA_MAPPING.timeout.toSeconds()) {
    yield `A function that Kafka invokes may run at most ${KAFKA_MAPPING.timeout.toMinutes()} minutes: lower ${name}.timeout (${timeout.toMinutes()} min).`
  }
  const { minimumPollers: mostKept } = KAFKA_MAPPING
  if (pollers && (pollers.minimum < 1 || pollers.minimum > mostKept || pollers.minimum > pollers.maximum)) {
    yield `The minimum of pollers must be 1 to ${mostKept} and not above the maximum: change ${name}.pollers.minimum (${pollers.minimum}).`
  }
  if (pollers && pollers.maximum > mostPartitions) {
    yield `A partition has at most one poller: lower ${name}.pollers.maximum (${pollers.maximum}) to the topics' ${mostPartitions} partitions.`
  }
  if (reservedConcurrency !== undefined && reservedConcurrency < mostPartitions) {
    yield `Each partition may have an invocation in progress: raise ${name}.reservedConcurrency (${reservedConcurrency}) to the topics' ${mostPartitions} partitions, or Lambda throttles the pollers.`
  }
}

function* storageProblems(name: string, { initial, maximum }: GrowingStorage): Generator<string> {
  // RDS requires room to grow by a tenth: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
  if (maximum.toGibibytes() >= initial.toGibibytes() * 1.1) return
  yield `Storage grows automatically up to a limit: raise ${name}.maximum (${maximum.toGibibytes()} GiB) to at least a tenth above ${name}.initial (${initial.toGibibytes()} GiB).`
}
