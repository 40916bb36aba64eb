import { describe, expect, test } from '@jest/globals'
import { Duration, Size } from 'aws-cdk-lib'
import { type Brokers, PROFILES, type SizeProfile } from '../../lib/config.ts'
import { profileProblems } from '../../lib/profile-rules.ts'

type Changes = { [Part in 'kafka' | 'database' | 'producers' | 'consumers']?: Partial<SizeProfile[Part]> }

/** The small profile, but for what `changes` say. */
const changed = ({ kafka, database, producers, consumers }: Changes): SizeProfile => ({
  ...PROFILES.small,
  kafka: { ...PROFILES.small.kafka, ...kafka },
  database: { ...PROFILES.small.database, ...database },
  producers: { ...PROFILES.small.producers, ...producers },
  consumers: { ...PROFILES.small.consumers, ...consumers },
})

const standard = (brokers: Partial<Extract<Brokers, { type: 'standard' }>>): Changes => ({
  kafka: { brokers: { ...PROFILES.small.kafka.brokers, ...brokers } },
})
const express: Brokers = { type: 'express', count: 3, instanceType: 'express.m7g.large' }

describe('a size profile', () => {
  test.each(Object.entries(PROFILES))('%s can be deployed', (_, profile) => {
    expect(profileProblems(profile)).toEqual([])
  })

  test('may have Express brokers with a Kafka version that they are offered in', () => {
    expect(profileProblems(changed({ kafka: { brokers: express, version: '3.8.x' } }))).toEqual([])
  })

  test.each<[string, Changes]>([
    ['make kafka.brokers.count (4) a multiple of availabilityZones (3).', standard({ count: 4 })],
    [
      'lower kafka.replicationFactor (4) to at most kafka.brokers.count (3).',
      { kafka: { replicationFactor: 4 } },
    ],
    [
      'MSK does not offer Kafka 4.1.x.kraft with express brokers: set kafka.version to one of 3.8.x, 3.8.x.kraft.',
      { kafka: { brokers: express } },
    ],
    [
      'express.m7g.large is no size of standard brokers: set kafka.brokers.instanceType to one that starts with "kafka.".',
      standard({ instanceType: 'express.m7g.large' }),
    ],
    [
      'Express brokers keep three copies in three zones: set availabilityZones and kafka.replicationFactor to 3.',
      { kafka: { brokers: express, version: '3.8.x', replicationFactor: 2 } },
    ],
    [
      'raise kafka.brokers.storage.maximum (100 GiB) to at least a tenth above kafka.brokers.storage.initial (100 GiB).',
      standard({ storage: { initial: Size.gibibytes(100), maximum: Size.gibibytes(100) } }),
    ],
    [
      'RDS does not offer PostgreSQL 18 on db.t2.micro: set database.instanceType to a newer family',
      { database: { instanceType: 't2.micro' } },
    ],
    ['change database.backupRetention (36 days).', { database: { backupRetention: Duration.days(36) } }],
    ['change consumers.batchSize (0).', { consumers: { batchSize: 0 } }],
    ['change consumers.batchSize (10001).', { consumers: { batchSize: 10_001 } }],
    ['lower consumers.batchingWindow (301 s).', { consumers: { batchingWindow: Duration.seconds(301) } }],
    ['lower consumers.timeout (15 min).', { consumers: { timeout: Duration.minutes(15) } }],
    ['lower producers.timeout (16 min).', { producers: { timeout: Duration.minutes(16) } }],
    ['change consumers.pollers.minimum (0).', { consumers: { pollers: { minimum: 0, maximum: 6 } } }],
    [
      "lower consumers.pollers.maximum (7) to the topics' 6 partitions.",
      { consumers: { pollers: { minimum: 1, maximum: 7 } } },
    ],
    [
      "raise consumers.reservedConcurrency (5) to the topics' 6 partitions",
      { consumers: { reservedConcurrency: 5 } },
    ],
  ])('is refused by one sentence: %s', (advice, changes) => {
    expect(profileProblems(changed(changes))).toEqual([expect.stringContaining(advice)])
  })
})
