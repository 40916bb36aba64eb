import { describe, expect, test } from '@jest/globals'
import { Duration, Size } from 'aws-cdk-lib'
import * as TOPICS from '../../lambdas/core/topics.ts'
import { type Brokers, type ConsumerProfile, PROFILES, type SizeProfile, topicsOf } from '../../lib/config.ts'
import { profileProblems } from '../../lib/profile-rules.ts'

type Changes = { [Part in 'kafka' | 'database' | 'producers']?: Partial<SizeProfile[Part]> } & {
  readonly consumers?: Readonly<Record<string, Partial<ConsumerProfile>>>
}

/** The small profile, but for what `changes` say. */
const changed = ({
  kafka,
  database,
  producers,
  consumers: { default: ofAll, ...overrides } = {},
}: Changes): SizeProfile => ({
  ...PROFILES.small,
  kafka: { ...PROFILES.small.kafka, ...kafka },
  database: { ...PROFILES.small.database, ...database },
  producers: { ...PROFILES.small.producers, ...producers },
  consumers: { default: { ...PROFILES.small.consumers.default, ...ofAll }, ...overrides },
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

  test('is held to the zones of the network that is really used', () => {
    const makes = { kafka: true, database: true }
    const inZones = (count: number, kafka = {}) =>
      profileProblems(changed({ kafka }), {
        zones: { count, setting: 'existingVpc.availabilityZones' },
        makes,
      })
    expect(inZones(3)).toEqual([])
    expect(inZones(2)).toEqual([
      'MSK spreads brokers evenly: make kafka.brokers.count (3) a multiple of existingVpc.availabilityZones (2).',
    ])
    expect(inZones(2, { brokers: { ...express, count: 6 }, version: '3.8.x' })).toEqual([
      'Express brokers keep three replicas in three zones: set existingVpc.availabilityZones and kafka.replicationFactor to 3.',
    ])
    expect(inZones(1)).toEqual([
      'MSK needs subnets in 2 or 3 zones: change existingVpc.availabilityZones (1).',
      'RDS needs subnets in 2 zones: add one to existingVpc.availabilityZones (1).',
    ])
  })

  test('says nothing of a cluster or database that is there already', () => {
    const zones = { count: 1, setting: 'existingVpc.availabilityZones' }
    expect(profileProblems(PROFILES.small, { zones, makes: { kafka: false, database: false } })).toEqual([])
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
      'express.m7g.large is not a size of standard brokers: set kafka.brokers.instanceType to one that starts with "kafka.".',
      standard({ instanceType: 'express.m7g.large' }),
    ],
    [
      'Express brokers keep three replicas in three zones: set availabilityZones and kafka.replicationFactor to 3.',
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
    ['change consumers.default.batchSize (0).', { consumers: { default: { batchSize: 0 } } }],
    ['change consumers.default.batchSize (10001).', { consumers: { default: { batchSize: 10_001 } } }],
    [
      'lower consumers.default.batchingWindow (301 s).',
      { consumers: { default: { batchingWindow: Duration.seconds(301) } } },
    ],
    [
      'lower consumers.default.timeout (15 min).',
      { consumers: { default: { timeout: Duration.minutes(15) } } },
    ],
    ['lower producers.timeout (16 min).', { producers: { timeout: Duration.minutes(16) } }],
    [
      'change consumers.default.pollers.minimum (0).',
      { consumers: { default: { pollers: { minimum: 0, maximum: 6 } } } },
    ],
    [
      "lower consumers.default.pollers.maximum (7) to the topics' 6 partitions.",
      { consumers: { default: { pollers: { minimum: 1, maximum: 7 } } } },
    ],
    [
      "raise consumers.default.reservedConcurrency (5) to the topics' 6 partitions",
      { consumers: { default: { reservedConcurrency: 5 } } },
    ],
    ['change consumers.deal-consumer.batchSize (0).', { consumers: { 'deal-consumer': { batchSize: 0 } } }],
    [
      'No topic has a group for the consumer "deals": rename consumers.deals to one of deal-consumer, search-indexer, price-consumer.',
      { consumers: { deals: { batchSize: 10 } } },
    ],
  ])('is refused by one sentence: %s', (advice, changes) => {
    expect(profileProblems(changed(changes))).toEqual([expect.stringContaining(advice)])
  })

  test('of a consumer counts for its own topic alone', () => {
    const { kafka } = PROFILES.small
    const topics = topicsOf('small', {
      prices: { ...TOPICS.prices, partitions: { dev: 9, small: 9, large: 9 } },
      deals: TOPICS.deals,
    })
    const ofPrices = { pollers: { minimum: 1, maximum: 9 }, reservedConcurrency: 9 }
    const profile = changed({ kafka: { ...kafka, topics }, consumers: { 'price-consumer': ofPrices } })
    expect(profileProblems(profile)).toEqual([])
    expect(profileProblems({ ...profile, consumers: { default: profile.consumers.default } })).toEqual([
      expect.stringContaining("raise consumers.default.reservedConcurrency (6) to the topics' 9 partitions"),
    ])
  })
})
