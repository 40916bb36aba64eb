import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { START_MS, type WatchedCloud, watchedCloud } from '../cloudwatch/watched-cloud.ts'
import { localClient } from '../local-client.ts'

let watched: WatchedCloud
let client: CloudFormationClient
beforeEach(async () => {
  watched = await watchedCloud({
    stacks: [
      {
        name: 'keeper-dev-data',
        outputs: [
          { key: 'Brokers', value: 'a:1,b:2', description: 'Kafka & "co" <here>', exportName: 'brokers' },
        ],
      },
      { name: 'keeper-dev-pipeline', outputs: [] },
    ],
  })
  client = new CloudFormationClient(localClient(await watched.cloud.openApi(0)))
})
afterEach(async () => {
  client.destroy()
  await watched.cloud.stop(0)
})

test('DescribeStacks gives a stack with its outputs, by name or id', async () => {
  const describe = async (StackName: string) =>
    (await client.send(new DescribeStacksCommand({ StackName }))).Stacks
  const [stack] = (await describe('keeper-dev-data')) ?? []
  expect(stack).toMatchObject({
    StackName: 'keeper-dev-data',
    StackStatus: 'CREATE_COMPLETE',
    CreationTime: new Date(START_MS),
    Outputs: [
      {
        ...{ OutputKey: 'Brokers', OutputValue: 'a:1,b:2', ExportName: 'brokers' },
        Description: 'Kafka & "co" <here>',
      },
    ],
  })
  expect(await describe(stack?.StackId ?? '')).toEqual([stack])
})

test('DescribeStacks gives all of them where none is named', async () => {
  const { Stacks } = await client.send(new DescribeStacksCommand({}))
  expect(Stacks?.map(({ StackName }) => StackName)).toEqual(['keeper-dev-data', 'keeper-dev-pipeline'])
})

test('a stack that is not there is refused as CloudFormation refuses it, with those there are', async () => {
  await expect(client.send(new DescribeStacksCommand({ StackName: 'other' }))).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Stack with id other does not exist; there are: keeper-dev-data, keeper-dev-pipeline.',
    $metadata: { httpStatusCode: 400 },
  })
})

test('what CloudFormation can besides is an invalid action here', async () => {
  await expect(client.send(new ListStacksCommand({}))).rejects.toMatchObject({
    name: 'InvalidAction',
    message: 'Could not find operation ListStacks for version 2010-05-15; there are DescribeStacks.',
  })
})
