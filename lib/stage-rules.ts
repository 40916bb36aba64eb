import type { DeployedCluster, DeployedStage, DeployedTopic } from './deployed-stage.ts'

/** The attributes that MSK changes in place, one in each update, by the setting that changes them. */
const CLUSTER_ATTRIBUTES = {
  instanceType: 'kafka.brokers.instanceType',
  count: 'kafka.brokers.count',
  storage: 'kafka.brokers.storage.initial',
  monitoring: 'kafka.monitoring',
  version: 'kafka.version',
  configuration: 'the broker configuration',
} as const satisfies Partial<Record<keyof DeployedCluster, string>>

/**
 * Changes to a stage that AWS would refuse, or make by replacing resources that hold its data: one sentence each, with
 * what to do instead. Nothing is looked up: `before` is what `npm run record-stage` recorded.
 */
export function stageProblems(
  stage: string,
  before: DeployedStage | undefined,
  after: DeployedStage,
): string[] {
  if (!before) return []
  if (before.size !== after.size) {
    return [
      `Stage ${stage} was deployed as ${before.size}, and AWS cannot change that to ${after.size} in one deployment: keep -c size=${before.size} and change its profile in lib/config.ts step by step (docs/deploy.md, Scaling up), or deploy ${after.size} as another stage.`,
    ]
  }
  const problems = [
    ...networkProblems(before, after),
    ...clusterProblems(before.cluster, after.cluster),
    ...topicProblems(before.topics, after.topics),
    ...databaseProblems(before.database, after.database),
  ]
  return problems.map((problem) => `Stage ${stage}: ${problem}`)
}

function* networkProblems(before: DeployedStage, after: DeployedStage): Generator<string> {
  if (after.vpc !== before.vpc) {
    yield `leave it in its network (${before.vpc}), because everything in it would be replaced.`
  }
  const [was, is] = [before.availabilityZones, after.availabilityZones].map((zones) => String(zones))
  if (is !== was && typeof after.cluster !== 'string') {
    yield `set availabilityZones (${is}) back to ${was}, because CloudFormation would replace the cluster, without its records.`
  }
}

function* clusterProblems(
  before: DeployedCluster | string,
  after: DeployedCluster | string,
): Generator<string> {
  if (typeof before === 'string' || typeof after === 'string') {
    if (before === after) return
    const name = typeof before === 'string' ? before : 'that this app made'
    yield `leave its topics in the cluster ${name}, because CloudFormation would recreate them, without their records.`
    return
  }
  if (after.brokerType !== before.brokerType) {
    yield `keep ${before.brokerType} brokers, because ${after.brokerType} ones mean a new cluster: deploy them as another stage.`
    return
  }
  if (isOlder(after.version, before.version) || isKraft(after.version) !== isKraft(before.version)) {
    yield `set kafka.version (${after.version}) to ${before.version} or a later one of its kind, because MSK neither downgrades nor changes between ZooKeeper and KRaft.`
  }
  if (after.count < before.count) {
    yield `raise kafka.brokers.count (${after.count}) to at least ${before.count}, because MSK removes only brokers whose partitions were moved away by hand.`
  }
  yield* diskProblems('kafka.brokers.storage.initial', before.storage, after.storage)
  const attributes = Object.keys(CLUSTER_ATTRIBUTES) as (keyof typeof CLUSTER_ATTRIBUTES)[]
  const changed = attributes.filter((name) => after[name] !== before[name])
  // A version comes with its configuration, in one update.
  const updates = changed.includes('version') ? changed.filter((name) => name !== 'configuration') : changed
  if (updates.length > 1) {
    yield `MSK updates one attribute of a cluster at a time: change only one of ${updates.map((name) => CLUSTER_ATTRIBUTES[name]).join(', ')}, deploy, record the stage (npm run record-stage), then change the next.`
  }
}

function* topicProblems(before: DeployedStage['topics'], after: DeployedStage['topics']): Generator<string> {
  for (const [name, topic] of Object.entries(before)) {
    for (const problem of changesOf(topic, after[name])) yield `topic ${name}: ${problem}`
  }
}

function* changesOf(before: DeployedTopic, after: DeployedTopic | undefined): Generator<string> {
  if (!after) {
    yield 'keep it, because a topic that is no longer declared is deleted or no longer managed.'
    return
  }
  if (after.partitions < before.partitions) {
    yield `raise its partitions (${after.partitions}) to at least ${before.partitions}, because Kafka cannot remove partitions.`
  }
  if (after.replicationFactor !== before.replicationFactor) {
    yield `set its replication factor (${after.replicationFactor}) back to ${before.replicationFactor}, because CloudFormation would recreate the topic, without its records.`
  }
  if (after.partitions !== before.partitions && after.retentionHours !== before.retentionHours) {
    yield 'MSK changes partitions or configs in one update, not both: change the partitions, deploy, record the stage, then change the retention.'
  }
}

function* databaseProblems(
  before: DeployedStage['database'],
  after: DeployedStage['database'],
): Generator<string> {
  if (typeof before === 'string' || typeof after === 'string') {
    if (before === after) return
    const name = typeof before === 'string' ? before : 'that this app made'
    yield `leave its tables in the database ${name}, because another one would be empty.`
    return
  }
  if (Number(after.version) < Number(before.version)) {
    yield `set database.version (${after.version}) back to ${before.version}, because RDS cannot downgrade.`
  }
  yield* diskProblems('database.storage.initial', before.storage, after.storage)
}

function* diskProblems(setting: string, before = 0, after = 0): Generator<string> {
  if (after >= before) return
  yield `raise ${setting} (${after} GiB) to at least ${before} GiB, because disks never shrink.`
}

const isKraft = (version: string): boolean => version.endsWith('.kraft')

/** `3.9.x` is older than `4.0.x`. */
function isOlder(version: string, other: string): boolean {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [version, other].map((name) =>
    name.split('.').slice(0, 2).map(Number),
  ) as [number[], number[]]
  return major < otherMajor || (major === otherMajor && minor < otherMinor)
}
