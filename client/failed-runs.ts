import type { Message, SQSClient } from '@aws-sdk/client-sqs'
import { ClientError, explained } from './client-error.ts'
import type { Keeper } from './keeper.ts'
import { partsOf } from './parts.ts'

/** A run that never started (from the scheduler), or that failed for good (from Lambda). */
export interface FailedRun {
  /** The message's. */
  readonly id: string
  /** The function that was to run. */
  readonly function: string
  /** When it was given up; ISO 8601. */
  readonly at: string
  readonly error: string
  /** What the function was, or was to be, invoked with. */
  readonly payload: string
  /** Where its message is, and what AWS calls the function. */
  readonly place: FailedRunPlace
}

export interface FailedRunPlace {
  readonly queueUrl: string
  readonly receiptHandle: string
  readonly awsFunction: string
}

/**
 * For how long a message that is listed is received by nobody else, in seconds. It is short, so that a list does not
 * hide messages from the next one or from the alarm, and long enough that one pass over a queue does not meet them again.
 */
const HIDDEN_SECONDS = 3

/** A message that somebody has just listed is waited for, in milliseconds. */
const PATIENCE_MS = (HIDDEN_SECONDS + 2) * 1_000

/** The failed runs in all queues, the oldest first. */
export async function listFailedRuns(keeper: Keeper): Promise<FailedRun[]> {
  const { functions, failedRuns } = await partsOf(keeper)
  const client = await keeper.aws.sqs()
  try {
    const runs = await Promise.all(
      [...failedRuns].map(([name, queue]) =>
        failedRunsOf(client, queue, { name, awsName: functions.get(name) ?? name }),
      ),
    )
    return runs.flat().toSorted((a, b) => a.at.localeCompare(b.at))
  } catch (error) {
    throw explained(error, keeper.title, 'sqs:ReceiveMessage')
  }
}

/**
 * Invokes the function again with what it was invoked with, and takes the message away once Lambda has accepted that.
 * Whatever happens in between, the run is not lost; in the worst case it is in the queue once more.
 */
export async function retryFailedRun(keeper: Keeper, run: FailedRun): Promise<void> {
  const { InvokeCommand } = await import('@aws-sdk/client-lambda')
  const client = await keeper.aws.lambda()
  await client
    .send(
      new InvokeCommand({
        FunctionName: run.place.awsFunction,
        InvocationType: 'Event',
        Payload: Buffer.from(run.payload),
      }),
    )
    .catch((error: unknown) => {
      throw explained(error, keeper.title, `lambda:InvokeFunction of ${run.function}`)
    })
  await dropFailedRun(keeper, run)
}

/** Takes a failed run's message away. */
export async function dropFailedRun(keeper: Keeper, { place }: FailedRun): Promise<void> {
  const { DeleteMessageCommand } = await import('@aws-sdk/client-sqs')
  const client = await keeper.aws.sqs()
  await client
    .send(new DeleteMessageCommand({ QueueUrl: place.queueUrl, ReceiptHandle: place.receiptHandle }))
    .catch((error: unknown) => {
      throw explained(error, keeper.title, 'sqs:DeleteMessage')
    })
}

/**
 * All messages of a queue. One receive gives ten at most, and of a standard queue a sample: it is repeated until nothing
 * comes and as many were found as the queue says it has.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
 */
async function failedRunsOf(
  client: SQSClient,
  queue: string,
  { name, awsName }: { readonly name: string; readonly awsName: string },
): Promise<FailedRun[]> {
  const { GetQueueAttributesCommand, GetQueueUrlCommand, ReceiveMessageCommand } = await import(
    '@aws-sdk/client-sqs'
  )
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queue }))
  if (QueueUrl === undefined) throw new ClientError('aws_error', `SQS gives no address of ${queue}.`)
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  )
  const expected = Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0)
  const endMs = Date.now() + PATIENCE_MS
  const found = new Map<string, FailedRun>()
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: HIDDEN_SECONDS,
        // Long polling asks all of SQS's servers, and not a sample.
        WaitTimeSeconds: found.size < expected || expected === 0 ? 1 : 0,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    )
    const isNew = Messages.some(({ MessageId = '' }) => !found.has(MessageId))
    for (const message of Messages) {
      const place = { queueUrl: QueueUrl, receiptHandle: message.ReceiptHandle ?? '', awsFunction: awsName }
      found.set(message.MessageId ?? '', failedRunOf(message, name, place))
    }
    if (!isNew && (found.size >= expected || Date.now() > endMs)) return [...found.values()]
  }
}

/** Lambda's record of a failed asynchronous invocation. */
interface FailureRecord {
  readonly requestContext?: { readonly condition?: string }
  readonly requestPayload?: unknown
  readonly responsePayload?: { readonly errorType?: string; readonly errorMessage?: string }
}

/**
 * A message is Lambda's record of an invocation, with its payload; or the scheduler's, whose body is the payload and
 * whose attributes say what went wrong.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
 */
export function failedRunOf(message: Message, name: string, place: FailedRunPlace): FailedRun {
  const { MessageId = '', Body = '', Attributes = {}, MessageAttributes = {} } = message
  const code = MessageAttributes.ERROR_CODE?.StringValue
  const common = {
    ...{ id: MessageId, function: name, place },
    at: new Date(Number(Attributes.SentTimestamp ?? 0)).toISOString(),
  }
  if (code !== undefined) {
    const said = MessageAttributes.ERROR_MESSAGE?.StringValue ?? ''
    return { ...common, error: `did not start: ${code}${said && `: ${said}`}`, payload: Body }
  }
  const { requestContext, requestPayload, responsePayload } = recordOf(Body)
  const { errorType, errorMessage = requestContext?.condition ?? 'no reason given' } = responsePayload ?? {}
  const error =
    errorType === undefined || errorType === 'Error' ? errorMessage : `${errorType}: ${errorMessage}`
  return { ...common, error, payload: requestPayload === undefined ? Body : JSON.stringify(requestPayload) }
}

function recordOf(body: string): FailureRecord {
  try {
    return (JSON.parse(body) ?? {}) as FailureRecord
  } catch {
    return {}
  }
}
