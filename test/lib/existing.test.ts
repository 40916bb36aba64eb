import { describe, expect, test } from '@jest/globals'
import { keeperApp } from '../../bin/keeper.ts'
import { readExisting } from '../../lib/existing.ts'
import { existingContext } from './existing-parts.ts'

const { existingVpc, existingKafka, existingDatabase } = existingContext
const existingWith = (context: Record<string, unknown>) => readExisting(keeperApp({ context }).node)

describe('existing parts', () => {
  test('are none unless the context names some', () => {
    expect(existingWith({})).toEqual({})
  })

  test('are taken as objects, and as JSON from the command line', () => {
    const expected = { vpc: existingVpc, kafka: existingKafka, database: existingDatabase }
    expect(existingWith(existingContext)).toEqual(expected)
    expect(
      existingWith({
        existingVpc: JSON.stringify(existingVpc),
        existingKafka: JSON.stringify(existingKafka),
        existingDatabase: JSON.stringify(existingDatabase),
      }),
    ).toEqual(expected)
  })

  test.each([
    ['no JSON', { existingVpc: 'vpc-1' }, 'existingVpc is not JSON: set an object'],
    [
      'a misspelt name',
      { existingVpc: { ...existingVpc, vpcID: 'vpc-1' } },
      'existingVpc has the unknown field "vpcID": use vpcId, availabilityZones, privateSubnetIds, databaseSubnetIds.',
    ],
    [
      'a missing value',
      { existingVpc, existingKafka: { ...existingKafka, clusterArn: undefined } },
      'existingKafka.clusterArn is missing: use a string that matches',
    ],
    [
      'the ARN of something else',
      { existingVpc, existingKafka: { ...existingKafka, clusterArn: 'arn:aws:sqs:eu-central-1:1:q' } },
      'existingKafka.clusterArn is "arn:aws:sqs:eu-central-1:1:q"',
    ],
    [
      'no number of brokers',
      { existingVpc, existingKafka: { ...existingKafka, brokers: 0 } },
      'existingKafka.brokers is 0: use a whole number above 0.',
    ],
    [
      'more copies than brokers',
      { existingVpc, existingKafka: { ...existingKafka, replicationFactor: 4 } },
      'existingKafka.replicationFactor is 4: lower it to the number of brokers (3), because each replica of a partition needs its own broker.',
    ],
    [
      'a key that is none',
      { existingVpc, existingDatabase: { ...existingDatabase, secretKeyArn: 'alias/keeper' } },
      'existingDatabase.secretKeyArn is "alias/keeper": use a string that matches',
    ],
    [
      'a cluster without its network',
      { existingKafka },
      'An existing cluster or database needs an existing network: set existingVpc too.',
    ],
    [
      'fewer subnets than zones',
      { existingVpc: { ...existingVpc, privateSubnetIds: ['subnet-0a'] } },
      'existingVpc.privateSubnetIds has 1 subnets for 2 zones: list one per zone.',
    ],
  ])('with %s are refused', (_, context, message) => {
    expect(() => existingWith(context)).toThrow(message)
  })
})
