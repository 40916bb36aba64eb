import { describe, expect, test } from '@jest/globals'
import type { DeployedCluster, DeployedStage } from '../../lib/deployed-stage.ts'
import { stageProblems } from '../../lib/stage-rules.ts'

const CLUSTER: DeployedCluster = {
  brokerType: 'standard',
  count: 3,
  instanceType: 'kafka.m7g.large',
  version: '3.9.x.kraft',
  storage: 100,
  monitoring: 'PER_TOPIC_PER_BROKER',
  configuration: 'log.retention.hours=168',
}
const TOPIC = { partitions: 6, replicationFactor: 3, retentionHours: 168 }
const DEPLOYED: DeployedStage = {
  size: 'small',
  vpc: 'made',
  availabilityZones: 3,
  cluster: CLUSTER,
  topics: { 'price-updates': TOPIC },
  database: { version: '17', storage: 100 },
}
const ARN = 'arn:aws:kafka:eu-central-1:111122223333:cluster/c/u'

const problemsOf = (changes: Partial<DeployedStage>, before: DeployedStage | undefined = DEPLOYED) =>
  stageProblems('prod', before, { ...DEPLOYED, ...changes })
const cluster = (changes: Partial<DeployedCluster>): Partial<DeployedStage> => ({
  cluster: { ...CLUSTER, ...changes },
})
const topic = (changes: Partial<typeof TOPIC>): Partial<DeployedStage> => ({
  topics: { 'price-updates': { ...TOPIC, ...changes } },
})

describe('a stage that was deployed', () => {
  test.each<[string, Partial<DeployedStage>]>([
    ['nothing', {}],
    ['the number of brokers', cluster({ count: 6 })],
    ['their instances', cluster({ instanceType: 'kafka.m7g.xlarge' })],
    ['their disks', cluster({ storage: 200 })],
    ['the monitoring', cluster({ monitoring: 'PER_TOPIC_PER_PARTITION' })],
    ['the configuration', cluster({ configuration: 'log.retention.hours=336' })],
    ['the version, with its configuration', cluster({ version: '4.1.x.kraft', configuration: 'a=b' })],
    ['partitions', topic({ partitions: 12 })],
    ['retention', topic({ retentionHours: 336 })],
    ['a topic more', { topics: { ...DEPLOYED.topics, more: TOPIC } }],
    ['the database', { database: { version: '18', storage: 200 } }],
  ])('may change %s', (_, changes) => {
    expect(problemsOf(changes)).toEqual([])
  })

  test.each<[string, Partial<DeployedStage>]>([
    [
      'Stage prod was deployed as small, and AWS cannot change that to large',
      { size: 'large', ...cluster({ count: 6 }) },
    ],
    ['leave it in its network (made)', { vpc: 'vpc-0a' }],
    [
      'set availabilityZones (eu-central-1a,eu-central-1b) back to 3',
      { availabilityZones: ['eu-central-1a', 'eu-central-1b'] },
    ],
    ['leave its topics in the cluster that this app made', { cluster: ARN }],
    ['keep standard brokers, because express ones mean a new cluster', cluster({ brokerType: 'express' })],
    ['set kafka.version (3.8.x.kraft) to 3.9.x.kraft or a later one', cluster({ version: '3.8.x.kraft' })],
    ['set kafka.version (3.9.x) to 3.9.x.kraft or a later one of its kind', cluster({ version: '3.9.x' })],
    ['raise kafka.brokers.count (2) to at least 3', cluster({ count: 2 })],
    ['raise kafka.brokers.storage.initial (99 GiB) to at least 100 GiB', cluster({ storage: 99 })],
    [
      'change only one of kafka.brokers.instanceType, kafka.brokers.count, deploy, record the stage',
      cluster({ instanceType: 'kafka.m7g.xlarge', count: 6 }),
    ],
    [
      'change only one of kafka.monitoring, kafka.version, deploy,',
      cluster({ version: '4.1.x.kraft', configuration: 'a=b', monitoring: 'PER_TOPIC_PER_PARTITION' }),
    ],
    [
      'change only one of kafka.brokers.storage.initial, the broker configuration',
      cluster({ storage: 200, configuration: 'a=b' }),
    ],
    ['topic price-updates: raise its partitions (3) to at least 6', topic({ partitions: 3 })],
    ['topic price-updates: set its replication factor (2) back to 3', topic({ replicationFactor: 2 })],
    [
      'topic price-updates: MSK changes partitions or configs in one update',
      topic({ partitions: 12, retentionHours: 336 }),
    ],
    ['topic price-updates: keep it', { topics: {} }],
    ['leave its tables in the database that this app made', { database: 'db-ABC' }],
    ['set database.version (16) back to 17', { database: { version: '16', storage: 100 } }],
    [
      'raise database.storage.initial (50 GiB) to at least 100 GiB',
      { database: { version: '17', storage: 50 } },
    ],
  ])('is refused what AWS refuses, with the way to do it: %s', (sentence, changes) => {
    expect(problemsOf(changes)).toEqual([expect.stringContaining(sentence)])
    expect(problemsOf(changes)[0]).toMatch(/^Stage prod/)
  })

  test('keeps an existing cluster and database', () => {
    const existing = { ...DEPLOYED, cluster: ARN, database: 'db-ABC' }
    expect(problemsOf({ cluster: ARN, database: 'db-ABC' }, existing)).toEqual([])
    expect(problemsOf({ cluster: `${ARN}2`, database: 'db-DEF' }, existing)).toEqual([
      expect.stringContaining(`leave its topics in the cluster ${ARN},`),
      expect.stringContaining('leave its tables in the database db-ABC,'),
    ])
  })
})

test('a stage that was not deployed may be anything', () => {
  expect(stageProblems('prod', undefined, { ...DEPLOYED, size: 'large' })).toEqual([])
})
