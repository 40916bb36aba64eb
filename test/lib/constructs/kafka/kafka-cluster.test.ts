import { describe, expect, test } from '@jest/globals'
import { PROFILES } from '../../../../lib/config.ts'
import { resourceAt, resourcesByPath, templatesOf, templatesWith } from '../../synthesized.ts'

const clusterOf = (size: string) => resourceAt(templatesOf(size).data, 'AWS::MSK::Cluster', 'kafka/')
const configurationOf = (size: string) =>
  String(
    resourceAt(templatesOf(size).data, 'AWS::MSK::Configuration', 'kafka/').Properties.ServerProperties,
  ).split('\n')

describe('the Kafka cluster', () => {
  test('takes IAM-authenticated clients only', () => {
    expect(clusterOf('dev').Properties.ClientAuthentication).toEqual({
      Sasl: { Iam: { Enabled: true } },
      Unauthenticated: { Enabled: false },
    })
  })

  test('speaks TLS with clients and between brokers', () => {
    expect(clusterOf('dev').Properties.EncryptionInfo).toEqual({
      EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true },
    })
  })

  test('runs the Kafka version that its configuration is made for', () => {
    const { KafkaVersionsList } = resourceAt(templatesOf('dev').data, 'AWS::MSK::Configuration', 'kafka/')
      .Properties as { KafkaVersionsList: string[] }
    expect(KafkaVersionsList).toEqual(['4.1.x.kraft'])
    expect(clusterOf('dev').Properties.KafkaVersion).toBe('4.1.x.kraft')
  })

  test('makes no topic that nobody declared, and keeps records for seven days', () => {
    expect(configurationOf('dev')).toEqual(
      expect.arrayContaining(['auto.create.topics.enable=false', 'log.retention.hours=168']),
    )
  })

  test.each([
    ['dev', 'min.insync.replicas=1'],
    ['large', 'min.insync.replicas=2'],
  ])('goes on in %s with one broker away', (size, property) => {
    expect(configurationOf(size)).toContain(property)
  })

  test.each([
    ['dev', 2],
    ['small', 3],
    ['large', 6],
  ])('has in %s %i brokers, evenly spread over its subnets', (size, brokers) => {
    const { NumberOfBrokerNodes, BrokerNodeGroupInfo } = clusterOf(size).Properties as {
      NumberOfBrokerNodes: number
      BrokerNodeGroupInfo: { ClientSubnets: unknown[] }
    }
    expect(NumberOfBrokerNodes).toBe(brokers)
    expect(brokers % BrokerNodeGroupInfo.ClientSubnets.length).toBe(0)
    expect(JSON.stringify(BrokerNodeGroupInfo.ClientSubnets)).toContain('privateSubnet')
  })

  test.each([
    ['dev', 'PER_TOPIC_PER_BROKER'],
    ['large', 'PER_TOPIC_PER_PARTITION'],
  ])('tells CloudWatch in %s of each topic: %s', (size, level) => {
    expect(clusterOf(size).Properties.EnhancedMonitoring).toBe(level)
  })

  test('writes the logs of its brokers to a log group that forgets', () => {
    expect(clusterOf('dev').Properties.LoggingInfo).toMatchObject({
      BrokerLogs: { CloudWatchLogs: { Enabled: true, LogGroup: expect.anything() } },
    })
    expect(resourceAt(templatesOf('dev').data, 'AWS::Logs::LogGroup', 'kafka/').Properties).toEqual(
      expect.objectContaining({ RetentionInDays: 7 }),
    )
  })

  test('makes the disks of its brokers larger by itself, up to the limit of the profile', () => {
    const { data } = templatesOf('small')
    expect(
      resourceAt(data, 'AWS::ApplicationAutoScaling::ScalableTarget', 'kafka/').Properties,
    ).toMatchObject({
      ServiceNamespace: 'kafka',
      ScalableDimension: 'kafka:broker-storage:VolumeSize',
      MinCapacity: 100,
      MaxCapacity: 500,
    })
    expect(resourceAt(data, 'AWS::ApplicationAutoScaling::ScalingPolicy', 'kafka/').Properties).toMatchObject(
      {
        TargetTrackingScalingPolicyConfiguration: {
          PredefinedMetricSpecification: { PredefinedMetricType: 'KafkaBrokerStorageUtilization' },
          DisableScaleIn: true,
        },
      },
    )
  })

  test('has no disks to look after with Express brokers', () => {
    const { data, monitoring } = templatesWith({
      kafka: {
        ...PROFILES.small.kafka,
        version: '3.8.x',
        brokers: { type: 'express', count: 3, instanceType: 'express.m7g.large' },
      },
    })
    const { BrokerNodeGroupInfo } = resourceAt(data, 'AWS::MSK::Cluster', 'kafka/').Properties as {
      BrokerNodeGroupInfo: Record<string, unknown>
    }
    expect(BrokerNodeGroupInfo).toMatchObject({ InstanceType: 'express.m7g.large' })
    expect(BrokerNodeGroupInfo).not.toHaveProperty('StorageInfo')
    expect(resourcesByPath(data, 'AWS::ApplicationAutoScaling::ScalableTarget').size).toBe(0)
    expect([...resourcesByPath(monitoring, 'AWS::CloudWatch::Alarm').keys()]).not.toContain(
      'kafka-disk/Resource',
    )
    const { ServerProperties } = resourceAt(data, 'AWS::MSK::Configuration', 'kafka/').Properties
    expect(ServerProperties).toBe('auto.create.topics.enable=false\nlog.retention.hours=168')
  })

  test.each([
    ['dev', 'Delete', 'Delete'],
    ['small', 'RetainExceptOnCreate', 'Retain'],
    ['large', 'RetainExceptOnCreate', 'Retain'],
  ])(
    'is deleted or kept together with its configuration in %s: %s',
    (size, DeletionPolicy, UpdateReplacePolicy) => {
      const configuration = resourceAt(templatesOf(size).data, 'AWS::MSK::Configuration', 'kafka/')
      for (const resource of [clusterOf(size), configuration]) {
        expect(resource).toMatchObject({ DeletionPolicy, UpdateReplacePolicy })
      }
    },
  )

  test.each(['dev', 'small', 'large'])('lets no copy in %s lead that lacks acknowledged events', (size) => {
    expect(configurationOf(size)).toContain('unclean.leader.election.enable=false')
  })
})
