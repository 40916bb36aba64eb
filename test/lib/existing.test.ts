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
    ['no JSON', { existingVpc: 'vpc-1' }, 'existingVpc is no JSON: give an object'],
    [
      'a misspelt name',
      { existingVpc: { ...existingVpc, vpcID: 'vpc-1' } },
      'existingVpc has no "vpcID"; it takes vpcId, availabilityZones, privateSubnetIds, databaseSubnetIds.',
    ],
    [
      'a missing value',
      { existingVpc, existingKafka: { ...existingKafka, clusterArn: undefined } },
      'existingKafka.clusterArn is missing: give a text that matches',
    ],
    [
      'the ARN of something else',
      { existingVpc, existingKafka: { ...existingKafka, clusterArn: 'arn:aws:sqs:eu-central-1:1:q' } },
      'existingKafka.clusterArn is "arn:aws:sqs:eu-central-1:1:q"',
    ],
    [
      'no number of brokers',
      { existingVpc, existingKafka: { ...existingKafka, brokers: 0 } },
      'existingKafka.brokers is 0: give a whole number above 0.',
    ],
    [
      'more copies than brokers',
      { existingVpc, existingKafka: { ...existingKafka, replicationFactor: 4 } },
      'existingKafka.replicationFactor is 4: each copy of a partition needs one of the 3 brokers of its own.',
    ],
    [
      'a key that is none',
      { existingVpc, existingDatabase: { ...existingDatabase, secretKeyArn: 'alias/keeper' } },
      'existingDatabase.secretKeyArn is "alias/keeper": give a text that matches',
    ],
    [
      'a cluster without its network',
      { existingKafka },
      'An existing cluster or database lies in an existing network: give existingVpc as well.',
    ],
    [
      'fewer subnets than zones',
      { existingVpc: { ...existingVpc, privateSubnetIds: ['subnet-0a'] } },
      'existingVpc.privateSubnetIds has 1 subnets for 2 zones: name one a zone.',
    ],
  ])('with %s are refused', (_, context, message) => {
    expect(() => existingWith(context)).toThrow(message)
  })
})
