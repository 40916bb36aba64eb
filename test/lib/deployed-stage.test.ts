import { describe, expect, test } from '@jest/globals'
import { keeperApp } from '../../bin/keeper.ts'
import { decodeTopicConfigs } from '../../lib/constructs/kafka/kafka-topics.ts'
import { recordOf, STAGE_METADATA } from '../../lib/deployed-stage.ts'
import { readSettings } from '../../lib/settings.ts'
import { existingContext } from './existing-parts.ts'
import { build, resourceAt, resourcesByPath, templatesIn, templatesOf } from './synthesized.ts'

const recordWith = (context: Record<string, unknown>) =>
  recordOf(readSettings(keeperApp({ context }).node, {}))

describe("a stage's record", () => {
  test.each(['dev', 'small', 'large'])('is in the template of its data stack, and true of it: %s', (size) => {
    const { data } = templatesOf(size)
    const cluster = resourceAt(data, 'AWS::MSK::Cluster', 'kafka/').Properties
    const { InstanceType, StorageInfo } = cluster.BrokerNodeGroupInfo as {
      InstanceType: string
      StorageInfo: { EBSStorageInfo: { VolumeSize: number } }
    }
    const database = resourceAt(data, 'AWS::RDS::DBInstance', 'database/').Properties
    const topics = [...resourcesByPath(data, 'AWS::MSK::Topic').values()].map(({ Properties }) => [
      Properties.TopicName,
      {
        partitions: Properties.PartitionCount,
        replicationFactor: Properties.ReplicationFactor,
        retentionHours: Number(decodeTopicConfigs(String(Properties.Configs))['retention.ms']) / 3_600_000,
      },
    ])
    expect(data.toJSON().Metadata[STAGE_METADATA]).toEqual({
      size,
      vpc: 'made',
      availabilityZones: size === 'dev' ? 2 : 3,
      cluster: {
        brokerType: 'standard',
        count: cluster.NumberOfBrokerNodes,
        instanceType: InstanceType,
        version: cluster.KafkaVersion,
        storage: StorageInfo.EBSStorageInfo.VolumeSize,
        monitoring: cluster.EnhancedMonitoring,
        configuration: resourceAt(data, 'AWS::MSK::Configuration', 'kafka/').Properties.ServerProperties,
      },
      topics: Object.fromEntries(topics),
      database: { version: database.EngineVersion, storage: Number(database.AllocatedStorage) },
    })
  })

  test('names zones, and existing parts', () => {
    expect(recordWith({ availabilityZones: 'eu-central-1a,eu-central-1b' }).availabilityZones).toEqual([
      'eu-central-1a',
      'eu-central-1b',
    ])
    const { existingVpc, existingKafka, existingDatabase } = existingContext
    expect(recordWith(existingContext)).toMatchObject({
      vpc: existingVpc.vpcId,
      availabilityZones: existingVpc.availabilityZones,
      cluster: existingKafka.clusterArn,
      database: existingDatabase.resourceId,
    })
  })

  test('of existing parts has the copies that their topics have', () => {
    const { data } = templatesIn(build(existingContext))
    const { ReplicationFactor } = resourceAt(data, 'AWS::MSK::Topic', 'topics/price-updates').Properties
    expect(recordWith(existingContext).topics['price-updates']?.replicationFactor).toBe(ReplicationFactor)
  })
})
