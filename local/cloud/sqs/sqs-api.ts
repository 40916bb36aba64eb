import { setTimeout as sleep } from 'node:timers/promises'
import { ACCOUNT, arn } from '../account.ts'
import type { Clock } from '../clock.ts'
import { ApiError, type AwsService, type Operations, type Values } from '../protocols/api.ts'
import { Input, pageOf } from '../protocols/input.ts'
import { jsonService } from '../protocols/json.ts'
import { attributeDigest } from './attribute-digest.ts'
import { type Message, Queue } from './queue.ts'
import type { QueueResource } from './queue-resource.ts'

const INVALID = 'InvalidParameterValueException'

const QUERY_NAMES = {
  InvalidParameterValueException: 'InvalidParameterValue',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
}

/** While a receiver waits, this often it is looked whether a message has come. */
const POLL_MS = 100

/**
 * SQS's API over the template's queues: what comes in is taken out and deleted here, and nothing is sent.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
 * @param url gives the address at which the queues are
 */
export function createSqsApi(
  resources: readonly QueueResource[],
  {
    destinationDirectory,
    clock,
    url,
  }: { readonly destinationDirectory: string; readonly clock: Clock; readonly url: () => string },
): AwsService {
  const startedMs = clock.nowMs()
  const queues = resources.map((resource) => new Queue(resource, destinationDirectory, clock))
  const urlOf = ({ resource }: Queue) => `${url()}/${ACCOUNT}/${resource.name}`
  const named = (name: string): Queue => {
    const found = queues.find(({ resource }) => resource.name === name)
    if (found) return found
    const known = queues.map(({ resource }) => resource.name).join(', ') || 'none'
    throw new ApiError(
      'QueueDoesNotExist',
      `The specified queue does not exist: ${name}. There are ${known}.`,
    )
  }
  const queueOf = (values: Values) =>
    named(new Input(values, INVALID).text('QueueUrl').split('/').at(-1) ?? '')
  const operations: Operations = {
    ListQueues: (values) => {
      const input = new Input(values, INVALID)
      const prefix = input.optionalText('QueueNamePrefix') ?? ''
      const found = queues.filter(({ resource }) => resource.name.startsWith(prefix)).map(urlOf)
      const size = input.integer('MaxResults', 1, 1_000) ?? 1_000
      const { items, next } = pageOf(found, size, input.optionalText('NextToken'), INVALID)
      return { QueueUrls: items, NextToken: next }
    },
    GetQueueUrl: (values) => ({ QueueUrl: urlOf(named(new Input(values, INVALID).text('QueueName'))) }),
    GetQueueAttributes: async (values) => {
      const asked = new Input(values, INVALID).texts('AttributeNames') ?? []
      return { Attributes: chosen(await attributesOf(queueOf(values), startedMs), asked) }
    },
    ReceiveMessage: (values) => receive(queueOf(values), new Input(values, INVALID)),
    DeleteMessage: async (values) => {
      const handle = new Input(values, INVALID).text('ReceiptHandle')
      if (await queueOf(values).delete(handle)) return {}
      throw new ApiError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${handle}" is not a valid receipt handle.`,
      )
    },
    PurgeQueue: async (values) => {
      await queueOf(values).purge()
      return {}
    },
  }
  return jsonService('1.0', 'AmazonSQS', operations, QUERY_NAMES)
}

async function attributesOf(queue: Queue, startedMs: number): Promise<Readonly<Record<string, string>>> {
  const { name, visibilityTimeoutSeconds, retentionSeconds } = queue.resource
  const { visible, inFlight } = await queue.count()
  const startedSeconds = String(Math.floor(startedMs / 1_000))
  return {
    QueueArn: arn('sqs', name),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: '0',
    CreatedTimestamp: startedSeconds,
    LastModifiedTimestamp: startedSeconds,
    VisibilityTimeout: String(visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(retentionSeconds),
    DelaySeconds: '0',
    ReceiveMessageWaitTimeSeconds: '0',
  }
}

const chosen = (all: Readonly<Record<string, string>>, asked: readonly string[]) =>
  Object.fromEntries(Object.entries(all).filter(([name]) => asked.includes('All') || asked.includes(name)))

async function receive(queue: Queue, input: Input) {
  const most = input.integer('MaxNumberOfMessages', 1, 10) ?? 1
  const hideSeconds = input.integer('VisibilityTimeout', 0, 43_200)
  const endMs = Date.now() + (input.integer('WaitTimeSeconds', 0, 20) ?? 0) * 1_000
  const system = [
    ...(input.texts('MessageSystemAttributeNames') ?? []),
    ...(input.texts('AttributeNames') ?? []),
  ]
  const own = input.texts('MessageAttributeNames') ?? []
  for (;;) {
    const messages = await queue.receive(most, hideSeconds)
    if (messages.length > 0) return { Messages: messages.map((message) => inFull(message, system, own)) }
    if (Date.now() >= endMs) return {}
    await sleep(POLL_MS, undefined, { ref: false })
  }
}

function inFull(message: Message, system: readonly string[], own: readonly string[]) {
  const attributes = chosen(
    {
      SenderId: ACCOUNT,
      SentTimestamp: String(message.sentMs),
      ApproximateReceiveCount: String(message.receives),
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    },
    system,
  )
  const texts = Object.entries(message.attributes).filter(([name]) =>
    own.some((asked) => asked === 'All' || asked === '.*' || asked === name),
  )
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: message.md5OfBody,
    Body: message.body,
    Attributes: Object.keys(attributes).length > 0 ? attributes : undefined,
    ...(texts.length > 0 && {
      MessageAttributes: Object.fromEntries(
        texts.map(([name, text]) => [name, { DataType: 'String', StringValue: text }]),
      ),
      MD5OfMessageAttributes: attributeDigest(
        texts.map(([name, text]) => ({ name, dataType: 'String', text })),
      ),
    }),
  }
}
