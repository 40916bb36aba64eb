import { describe, expect, test } from '@jest/globals'
import { App, Stack } from 'aws-cdk-lib'
import { CfnTopic } from 'aws-cdk-lib/aws-msk'
import { refusalOf } from '../../bin/keeper.ts'
import { type DeployedTopic, DeployedTopicsRules } from '../../lib/deployed-topics.ts'

const CLUSTER = 'arn:aws:kafka:eu-central-1:111122223333:cluster/c/u'
const DEPLOYED: DeployedTopic = { partitions: 6, replicationFactor: 3, cluster: CLUSTER }

/** Synthesizes a topic that was deployed as DEPLOYED, with `changes`. */
const synthesize =
  (changes: Partial<CfnTopic> | 'gone', stage = 'prod') =>
  () => {
    const app = new App({ builtinCloudFormationValidation: false })
    const stack = new Stack(app, 'stack')
    if (changes !== 'gone') {
      new CfnTopic(stack, 'topic', {
        clusterArn: CLUSTER,
        topicName: 'price-updates',
        partitionCount: 6,
        replicationFactor: 3,
        ...changes,
      })
    }
    DeployedTopicsRules.apply(app, stage, { prod: { 'price-updates': DEPLOYED } })
    app.synth()
  }

describe('a topic that was deployed', () => {
  test('may stay as it is and may get more partitions', () => {
    expect(synthesize({})).not.toThrow()
    expect(synthesize({ partitionCount: 12 })).not.toThrow()
  })

  test('loses no partitions', () => {
    expect(synthesize({ partitionCount: 3 })).toThrow(
      'Topic price-updates of prod: raise its partitions (3) to at least 6, because Kafka cannot take partitions away.',
    )
  })

  test('is defended by a sentence without a stack trace', () => {
    try {
      synthesize({ partitionCount: 3 })()
    } catch (error) {
      expect(refusalOf(error)).toMatch(
        /^Validation failed with the following errors:\n {2}\[.*\] Topic price-updates/,
      )
    }
    expect.assertions(1)
  })

  test.each<[string, Partial<CfnTopic> | 'gone', string]>([
    ['copies', { replicationFactor: 2 }, 'set its replication factor (2) back to 3'],
    ['cluster', { clusterArn: `${CLUSTER}2` }, `leave it in its cluster (${CLUSTER})`],
    ['name', { topicName: 'prices' }, 'keep it, because a topic that is no longer declared is retained'],
    ['declaration', 'gone', 'keep it, because'],
  ])('keeps its %s', (_, changes, message) => {
    expect(synthesize(changes)).toThrow(message)
  })

  test('binds its own stage only', () => {
    expect(synthesize({ partitionCount: 3 }, 'dev')).not.toThrow()
  })
})
