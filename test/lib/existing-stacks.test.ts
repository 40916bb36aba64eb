import { describe, expect, test } from '@jest/globals'
import { existingContext } from './existing-parts.ts'
import { build, grantsOf, resourceAt, resourcesByPath, templatesIn } from './synthesized.ts'

const { network, data, pipeline, monitoring } = templatesIn(build({ size: 'small', ...existingContext }))
const { clusterArn } = existingContext.existingKafka
const within = (kind: string, name: string) => `${clusterArn.replace(':cluster/', `:${kind}/`)}/${name}`

describe('existing parts', () => {
  test('are used instead of new ones', () => {
    expect(resourcesByPath(network, 'AWS::EC2::VPC').size).toBe(0)
    expect(resourcesByPath(data, 'AWS::MSK::Cluster').size).toBe(0)
    expect(resourcesByPath(data, 'AWS::RDS::DBInstance').size).toBe(0)
  })

  test('get the topics that the pipeline needs', () => {
    expect(resourceAt(data, 'AWS::MSK::Topic', 'topics/price-updates').Properties).toMatchObject({
      ClusterArn: clusterArn,
      TopicName: 'price-updates',
      PartitionCount: 6,
      ReplicationFactor: 3,
    })
  })

  test('are granted as new ones would be', () => {
    expect(grantsOf(pipeline, 'price-consumer')).toMatchObject({
      'Allow kafka-cluster:Connect': clusterArn,
      'Allow kafka-cluster:ReadData': within('topic', 'price-updates'),
      'Allow kafka-cluster:AlterGroup': within('group', 'keeper-consumer-group'),
      'Allow rds-db:connect': expect.stringMatching(/:dbuser:db-ABCDEFGHIJKL\/keeper_price_consumer$/),
    })
    expect(grantsOf(pipeline, 'price-check')).toMatchObject({
      'Allow kafka-cluster:WriteData': within('topic', 'price-updates'),
    })
    expect(grantsOf(pipeline, 'migrator')).toMatchObject({
      'Allow secretsmanager:GetSecretValue': existingContext.existingDatabase.secretArn,
    })
  })

  test('may have a secret with a key of its own, which the migrator may decrypt with and nobody else', () => {
    const secretKeyArn = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555'
    const existingDatabase = { ...existingContext.existingDatabase, secretKeyArn }
    const templates = templatesIn(build({ size: 'small', ...existingContext, existingDatabase }))
    expect(grantsOf(templates.pipeline, 'migrator')).toMatchObject({ 'Allow kms:Decrypt': secretKeyArn })
    expect(grantsOf(templates.pipeline, 'price-check')).not.toHaveProperty('Allow kms:Decrypt')
  })

  test('are read by the same mappings', () => {
    expect(
      resourceAt(pipeline, 'AWS::Lambda::EventSourceMapping', 'price-consumer/').Properties,
    ).toMatchObject({ EventSourceArn: clusterArn, Topics: ['price-updates'] })
  })

  test('let in by their security groups who needs to come in', () => {
    const rules = [...resourcesByPath(network, 'AWS::EC2::SecurityGroupIngress').values()].map(
      ({ Properties }) => [Properties.GroupId, Properties.FromPort],
    )
    const { existingKafka, existingDatabase } = existingContext
    expect(rules.filter(([group]) => group === existingKafka.securityGroupId)).toEqual([
      [existingKafka.securityGroupId, 9098],
      [existingKafka.securityGroupId, 9098],
      [existingKafka.securityGroupId, 9098],
      [existingKafka.securityGroupId, 9098],
    ])
    expect(rules.filter(([group]) => group === existingDatabase.securityGroupId)).toEqual([
      [existingDatabase.securityGroupId, 5432],
      [existingDatabase.securityGroupId, 5432],
      [existingDatabase.securityGroupId, 5432],
      [existingDatabase.securityGroupId, 5432],
      [existingDatabase.securityGroupId, 5432],
      [existingDatabase.securityGroupId, 5432],
      [existingDatabase.securityGroupId, 5432],
    ])
  })

  test('are reached where they are', () => {
    const { Environment } = resourceAt(pipeline, 'AWS::Lambda::Function', 'deal-consumer/').Properties
    expect(Environment).toMatchObject({
      Variables: {
        DATABASE_URL:
          'postgresql://keeper_deal_consumer@shared.abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/keeper',
      },
    })
  })

  test('are watched by the alarms that new ones would have', () => {
    const watched = JSON.stringify([...resourcesByPath(monitoring, 'AWS::CloudWatch::Alarm').values()])
    expect(watched).toContain('{"Name":"Cluster Name","Value":"shared"}')
    expect(watched).toContain('{"Name":"DBInstanceIdentifier","Value":"shared"}')
  })
})
