import { readFileSync } from 'node:fs'
import type { SizeProfile } from './config.ts'
import { serverPropertiesOf } from './constructs/kafka/kafka-cluster.ts'
import type { Existing } from './existing.ts'

/** The attributes of a cluster created by this app that MSK changes one at a time, or never. */
export interface DeployedCluster {
  readonly brokerType: 'standard' | 'express'
  readonly count: number
  readonly instanceType: string
  readonly version: string
  /** Initial disk of each broker, in GiB; not for Express brokers. */
  readonly storage?: number
  readonly monitoring: string
  /** The broker configuration's properties. */
  readonly configuration: string
}

export interface DeployedTopic {
  readonly partitions: number
  readonly replicationFactor: number
  readonly retentionHours: number
}

/** What a stage was deployed with, as far as AWS restricts later changes. */
export interface DeployedStage {
  readonly size: string
  /** The id of an existing network, or `made`. */
  readonly vpc: string
  /** Names, or the number of zones chosen by position. */
  readonly availabilityZones: readonly string[] | number
  /** The ARN of an existing cluster. */
  readonly cluster: DeployedCluster | string
  readonly topics: Readonly<Record<string, DeployedTopic>>
  /** The created instance, with its initial disk in GiB, or the resource id of an existing one. */
  readonly database: { readonly version: string; readonly storage: number } | string
}

/** The key of the stage's record in a data stack's template, under `Metadata`. */
export const STAGE_METADATA = 'keeper:stage'

/** Stages by name, written by `npm run record-stage` after a deployment. */
export const DEPLOYED_STAGES = new URL('deployed-stages.json', import.meta.url)

export type DeployedStages = Readonly<Record<string, DeployedStage>>

export const readDeployedStages = (): DeployedStages => JSON.parse(readFileSync(DEPLOYED_STAGES, 'utf8'))

/** The settings that restrict later deployments of the stage. */
export interface LastingSettings {
  readonly size: string
  readonly profile: SizeProfile
  readonly existing: Existing
  readonly availabilityZones?: readonly string[]
}

/** The record of what these settings deploy. */
export function recordOf({ size, profile, availabilityZones, existing }: LastingSettings): DeployedStage {
  const { kafka, database } = profile
  const { brokers } = kafka
  const replicationFactor = existing.kafka?.replicationFactor ?? kafka.replicationFactor
  return {
    size,
    vpc: existing.vpc?.vpcId ?? 'made',
    availabilityZones: existing.vpc?.availabilityZones ?? availabilityZones ?? profile.availabilityZones,
    cluster: existing.kafka?.clusterArn ?? {
      brokerType: brokers.type,
      count: brokers.count,
      instanceType: brokers.instanceType,
      version: kafka.version,
      ...(brokers.type === 'standard' && { storage: brokers.storage.initial.toGibibytes() }),
      monitoring: kafka.monitoring,
      configuration: serverPropertiesOf(kafka),
    },
    topics: Object.fromEntries(
      kafka.topics.map(({ topic, partitions }) => [
        topic.name,
        { partitions, replicationFactor, retentionHours: topic.retentionMs / 3_600_000 },
      ]),
    ),
    database: existing.database?.resourceId ?? {
      version: database.version,
      storage: database.storage.initial.toGibibytes(),
    },
  }
}
