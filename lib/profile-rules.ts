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
  // Document history of 2025-06-05 names 3.8 for Express; no page that could be read here names a later one.
  express: ['3.8.x', '3.8.x.kraft'],
}

/** Instance families of which RDS has no PostgreSQL 17 or 18: they end with version 12 or earlier. */
const FAMILIES_WITHOUT_POSTGRES = ['t2', 'm3', 'm4', 'r3', 'r4']

/** What a profile is used for: where its parts will lie, and which of them are there already. */
export interface Use {
  /** The zones that Kafka and the database will lie in, and the setting that names them. */
  readonly zones: { readonly count: number; readonly setting: string }
  /** Whether this app makes the cluster and the database; what is there already was checked by whoever made it. */
  readonly makes: { readonly kafka: boolean; readonly database: boolean }
}

const useOf = ({ availabilityZones }: SizeProfile): Use => ({
  zones: { count: availabilityZones, setting: 'availabilityZones' },
  makes: { kafka: true, database: true },
})

/** What AWS or the pipeline contract refuses in a profile, one sentence each; empty for one that can be deployed. */
export const profileProblems = (profile: SizeProfile, use: Use = useOf(profile)): string[] => [
  ...(use.makes.kafka ? brokerProblems(profile, use.zones) : []),
  ...(use.makes.database ? databaseProblems(profile, use.zones) : []),
  ...functionProblems(profile),
]

function* brokerProblems({ kafka }: SizeProfile, zones: Use['zones']): Generator<string> {
  const { brokers, version, replicationFactor } = kafka
  if (!KAFKA_ZONES.includes(zones.count)) {
    yield `MSK takes subnets in ${KAFKA_ZONES.join(' or ')} zones: change ${zones.setting} (${zones.count}).`
  }
  if (brokers.count % zones.count !== 0) {
    yield `MSK spreads brokers evenly: make kafka.brokers.count (${brokers.count}) a multiple of ${zones.setting} (${zones.count}).`
  }
  if (replicationFactor > brokers.count) {
    yield `Each copy of a partition needs a broker of its own: lower kafka.replicationFactor (${replicationFactor}) to at most kafka.brokers.count (${brokers.count}).`
  }
  if (!OFFERED[brokers.type].includes(version)) {
    yield `MSK does not offer Kafka ${version} with ${brokers.type} brokers: set kafka.version to one of ${OFFERED[brokers.type].join(', ')}.`
  }
  const prefix = brokers.type === 'express' ? 'express.' : 'kafka.'
  if (!brokers.instanceType.startsWith(prefix)) {
    yield `${brokers.instanceType} is no size of ${brokers.type} brokers: set kafka.brokers.instanceType to one that starts with "${prefix}".`
  }
  if (brokers.type === 'express' && (zones.count !== 3 || replicationFactor !== 3)) {
    yield `Express brokers keep three copies in three zones: set ${zones.setting} and kafka.replicationFactor to 3.`
  }
  if (brokers.type === 'standard') yield* storageProblems('kafka.brokers.storage', brokers.storage)
}

function* databaseProblems({ database }: SizeProfile, zones: Use['zones']): Generator<string> {
  const { version, instanceType, storage, backupRetention } = database
  if (zones.count < DATABASE_ZONES) {
    yield `RDS asks for subnets in ${DATABASE_ZONES} zones: add one to ${zones.setting} (${zones.count}).`
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
    yield `A function may run ${LAMBDA_TIMEOUT.toMinutes()} minutes: lower producers.timeout (${producers.timeout.toMinutes()} min).`
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
    yield `Lambda takes 1 to ${KAFKA_MAPPING.batchSize} records at once: change ${name}.batchSize (${batchSize}).`
  }
  const window = KAFKA_MAPPING.batchingWindow.toSeconds()
  if (batchingWindow.toSeconds() > window) {
    yield `Lambda gathers records for ${window} s at most: lower ${name}.batchingWindow (${batchingWindow.toSeconds()} s).`
  }
  if (timeout.toSeconds() > KAFKA_MAPPING.timeout.toSeconds()) {
    yield `A function that Kafka invokes may run ${KAFKA_MAPPING.timeout.toMinutes()} minutes: lower ${name}.timeout (${timeout.toMinutes()} min).`
  }
  const { minimumPollers: mostKept } = KAFKA_MAPPING
  if (pollers && (pollers.minimum < 1 || pollers.minimum > mostKept || pollers.minimum > pollers.maximum)) {
    yield `Lambda keeps 1 to ${mostKept} pollers at least and no more than at most: change ${name}.pollers.minimum (${pollers.minimum}).`
  }
  if (pollers && pollers.maximum > mostPartitions) {
    yield `A partition has one poller at most: lower ${name}.pollers.maximum (${pollers.maximum}) to the topics' ${mostPartitions} partitions.`
  }
  if (reservedConcurrency !== undefined && reservedConcurrency < mostPartitions) {
    yield `Each partition may have an invocation under way: raise ${name}.reservedConcurrency (${reservedConcurrency}) to the topics' ${mostPartitions} partitions, or Lambda throttles the pollers.`
  }
}

function* storageProblems(name: string, { initial, maximum }: GrowingStorage): Generator<string> {
  // RDS asks for room to grow by a tenth: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
  if (maximum.toGibibytes() >= initial.toGibibytes() * 1.1) return
  yield `Storage grows by itself up to a limit: raise ${name}.maximum (${maximum.toGibibytes()} GiB) to at least a tenth above ${name}.initial (${initial.toGibibytes()} GiB).`
}
