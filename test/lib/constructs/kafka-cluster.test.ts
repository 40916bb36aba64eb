import { describe, expect, test } from '@jest/globals'
import { resourceAt, templatesOf } from '../synthesized.ts'

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

  test('outlives its stack', () => {
    expect(clusterOf('dev')).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' })
  })
})
