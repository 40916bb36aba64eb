import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeDocument } from '../../../../local/cloud/destinations.ts'
import { START_MS, type WatchedCloud, watchedCloud } from '../cloudwatch/watched-cloud.ts'
import { localClient } from '../local-client.ts'

let watched: WatchedCloud
let client: SQSClient
let destinations: string
let url: string
let QueueUrl: string

beforeEach(async () => {
  const retentionSeconds = 1_209_600
  watched = await watchedCloud({
    queues: [
      { name: 'failedRuns', visibilityTimeoutSeconds: 30, retentionSeconds },
      { name: 'other', visibilityTimeoutSeconds: 30, retentionSeconds },
    ],
  })
  destinations = join(watched.directory, 'destinations')
  url = await watched.cloud.openApi(0)
  QueueUrl = `${url}/000000000000/failedRuns`
  client = new SQSClient(localClient(url))
})
afterEach(async () => {
  client.destroy()
  await watched.cloud.stop(0)
})

/** Puts documents into the queue's folder, as destinations do. */
async function fail(...documents: readonly unknown[]) {
  for (const [index, document] of documents.entries()) {
    await writeDocument(destinations, 'failedRuns', START_MS + index, document)
  }
}

const receive = async (input: Partial<ReceiveMessageCommandInput> = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl, ...input }))).Messages ?? []
const files = () => readdir(join(destinations, 'failedRuns'))
const counts = async () => {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  )
  return Object.values(Attributes ?? {}).map(Number)
}

describe('ReceiveMessage', () => {
  test('gives the oldest documents, each until it is deleted', async () => {
    await fail({ run: 1 }, { run: 2 }, { run: 3 })
    const messages = await receive({ MaxNumberOfMessages: 2, AttributeNames: ['All'] })
    expect(messages.map(({ Body }) => Body)).toEqual(['{"run":1}', '{"run":2}'])
    expect(messages[0]?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SenderId: '000000000000' })
    expect(await counts()).toEqual([1, 2])
    for (const { ReceiptHandle } of messages) {
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    }
    expect(await files()).toHaveLength(1)
    expect(await counts()).toEqual([1, 0])
  })

  test('gives a message again once it was hidden for long enough', async () => {
    await fail({ run: 1 })
    const [first] = await receive()
    expect(await receive()).toEqual([])
    watched.clock.turn(30_000)
    const [again] = await receive({
      VisibilityTimeout: 0,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    })
    expect([again?.MessageId, again?.Attributes]).toEqual([
      first?.MessageId,
      { ApproximateReceiveCount: '2' },
    ])
    expect(await receive()).toHaveLength(1)
  })

  test('gives body and attributes of what a schedule could not deliver', async () => {
    await fail({ messageBody: 'ü', messageAttributes: { ERROR_CODE: 'X', RETRY_ATTEMPTS: '3' } })
    const [message] = await receive({ MessageAttributeNames: ['All'] })
    expect(message?.Body).toBe('ü')
    expect(message?.MessageAttributes).toEqual({
      ERROR_CODE: { DataType: 'String', StringValue: 'X' },
      RETRY_ATTEMPTS: { DataType: 'String', StringValue: '3' },
    })
  })

  test('waits for a message that is to come', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 })
    await new Promise((resolve) => setTimeout(resolve, 200))
    await fail({ run: 1 })
    expect((await waiting).map(({ Body }) => Body)).toEqual(['{"run":1}'])
  })

  test('leaves alone what is no document', async () => {
    await mkdir(join(destinations, 'failedRuns'), { recursive: true })
    await writeFile(join(destinations, 'failedRuns', 'notes.json'), '{}')
    expect(await receive()).toEqual([])
  })
})

test('GetQueueUrl and ListQueues give addresses that work', async () => {
  const found = await client.send(new GetQueueUrlCommand({ QueueName: 'failedRuns' }))
  expect(found.QueueUrl).toBe(QueueUrl)
  const { QueueUrls } = await client.send(new ListQueuesCommand({}))
  expect(QueueUrls).toEqual([QueueUrl, `${url}/000000000000/other`])
  const few = await client.send(new ListQueuesCommand({ QueueNamePrefix: 'o' }))
  expect(few.QueueUrls).toEqual([`${url}/000000000000/other`])
})

test('GetQueueAttributes gives what is asked for', async () => {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  )
  expect(Attributes).toMatchObject({
    QueueArn: 'arn:aws:sqs:us-east-1:000000000000:failedRuns',
    ApproximateNumberOfMessages: '0',
    VisibilityTimeout: '30',
    MessageRetentionPeriod: '1209600',
    CreatedTimestamp: String(START_MS / 1_000),
  })
  const none = await client.send(new GetQueueAttributesCommand({ QueueUrl }))
  expect(none.Attributes ?? {}).toEqual({})
})

test('PurgeQueue deletes all messages', async () => {
  await fail({ run: 1 }, { run: 2 })
  await receive()
  await client.send(new PurgeQueueCommand({ QueueUrl }))
  expect([await files(), await counts()]).toEqual([[], [0, 0]])
})

describe('what cannot be done is refused as SQS refuses it', () => {
  test('an unknown queue', async () => {
    await expect(client.send(new GetQueueUrlCommand({ QueueName: '../logs' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      message: 'The specified queue does not exist: ../logs. There are failedRuns, other.',
    })
  })

  test('by its older name as well, which boto3 and the AWS CLI go by', async () => {
    const headers = { 'x-amz-target': 'AmazonSQS.GetQueueUrl' }
    const { headers: answered } = await fetch(url, { method: 'POST', headers, body: '{"QueueName":"none"}' })
    expect(answered.get('x-amzn-query-error')).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender')
  })

  test.each(['nothing', Buffer.from('x ../../logs/x.json').toString('base64')])(
    'the receipt handle %s',
    async (ReceiptHandle) => {
      await expect(client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))).rejects.toMatchObject({
        name: 'ReceiptHandleIsInvalid',
      })
    },
  )

  test('to send', async () => {
    await expect(client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining('there are ListQueues, GetQueueUrl,'),
    })
  })
})
