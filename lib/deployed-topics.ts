import { readFileSync } from 'node:fs'
import { Stack } from 'aws-cdk-lib'
import { CfnTopic } from 'aws-cdk-lib/aws-msk'
import type { IConstruct, IValidation } from 'constructs'

/** What a deployed topic cannot change without being made anew, and its partitions, which can only grow. */
export interface DeployedTopic {
  readonly partitions: number
  readonly replicationFactor: number
  /** `made` by this app, or the ARN of an existing cluster. */
  readonly cluster: string
}

/** Topics by name, by stage: lib/deployed-topics.json, which `node bin/record-topics.ts` writes after a deployment. */
export type DeployedTopics = Readonly<Record<string, Readonly<Record<string, DeployedTopic>>>>

export const DEPLOYED_TOPICS = new URL('deployed-topics.json', import.meta.url)

const readDeployedTopics = (): DeployedTopics => JSON.parse(readFileSync(DEPLOYED_TOPICS, 'utf8'))

/**
 * A synthesis that would replace a topic, and so lose its records, or take partitions from it fails. Nothing is looked
 * up: the rule knows the stages that lib/deployed-topics.json knows.
 */
export class DeployedTopicsRules implements IValidation {
  readonly #scope: IConstruct
  readonly #stage: string
  readonly #deployed: DeployedTopics[string]

  private constructor(scope: IConstruct, stage: string, deployed: DeployedTopics[string]) {
    this.#scope = scope
    this.#stage = stage
    this.#deployed = deployed
  }

  /** Checks every topic below `scope` at each synthesis against what was deployed as `stage`. */
  static apply(scope: IConstruct, stage: string, deployed: DeployedTopics = readDeployedTopics()): void {
    scope.node.addValidation(new DeployedTopicsRules(scope, stage, deployed[stage] ?? {}))
  }

  validate(): string[] {
    const topics = new Map(
      this.#scope.node
        .findAll()
        .filter((resource) => resource instanceof CfnTopic)
        .map((topic) => [topic.topicName, topicOf(topic)]),
    )
    return Object.entries(this.#deployed).flatMap(([name, before]) =>
      [...problemsOf(before, topics.get(name))].map(
        (problem) => `Topic ${name} of ${this.#stage}: ${problem}`,
      ),
    )
  }
}

/** A topic of a template or construct tree, as it is recorded. */
const topicOf = (topic: CfnTopic): DeployedTopic => {
  const clusterArn: unknown = Stack.of(topic).resolve(topic.clusterArn)
  return {
    partitions: topic.partitionCount,
    replicationFactor: topic.replicationFactor,
    cluster: typeof clusterArn === 'string' ? clusterArn : 'made',
  }
}

function* problemsOf(before: DeployedTopic, after: DeployedTopic | undefined): Generator<string> {
  if (!after) {
    yield 'keep it, because a topic that is no longer declared is retained but forgotten.'
    return
  }
  if (after.partitions < before.partitions) {
    yield `raise its partitions (${after.partitions}) to at least ${before.partitions}, because Kafka cannot take partitions away.`
  }
  if (after.replicationFactor !== before.replicationFactor) {
    yield `set its replication factor (${after.replicationFactor}) back to ${before.replicationFactor}, because CloudFormation would make the topic anew, without its records.`
  }
  if (after.cluster !== before.cluster) {
    yield `leave it in its cluster (${before.cluster}), because CloudFormation would make the topic anew, without its records.`
  }
}
