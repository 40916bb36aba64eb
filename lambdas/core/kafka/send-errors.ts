import { KeeperError, messageOf } from '../errors.ts'
import { explainConnectionError } from './connection-errors.ts'

/** Kafka's answers to a message, or a batch, larger than the topic's `max.message.bytes` or than its log's segments. */
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/** Whether Kafka refused a request for a batch's size: then it appended nothing of that batch. */
export const isTooLarge = (error: unknown): boolean => TOO_LARGE.has(answerOf(error) ?? '')

/** The error of a message that no retry makes smaller. */
export const messageTooLarge = (topic: string, bytes: number): KeeperError =>
  new KeeperError(
    'kafka_message_too_large',
    `The message has ${bytes} bytes, more than ${topic} takes (max.message.bytes).`,
  )

/**
 * Says why messages are not acknowledged.
 * @returns `kafka_unknown_topic`, `kafka_not_acknowledged`, or as explainConnectionError; all retriable
 */
export function explainSendError(error: unknown, topic: string, bootstrapServers: string): KeeperError {
  if (error instanceof KeeperError) return error
  if (isConnectionError(error)) return explainConnectionError(error, bootstrapServers)
  const options = { cause: error, retriable: true }
  if (answerOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') {
    const message = `Kafka has no topic ${topic}; in AWS the stack makes it, on one machine npm run local.`
    return new KeeperError('kafka_unknown_topic', message, options)
  }
  const message = `${topic} did not take the message: ${messageOf(error)}`
  return new KeeperError('kafka_not_acknowledged', message, options)
}

/** Kafka's name of the error that it answered, which kafkajs may have wrapped. */
const answerOf = (error: unknown): string | undefined =>
  causes(error)
    .map((cause) => (cause as { type?: unknown }).type)
    .find((type) => typeof type === 'string')

const isConnectionError = (error: unknown): boolean =>
  causes(error).some(({ name }) => /Connection|BrokerNotFound|RequestTimeout/.test(name))

/** An error and what caused it, outermost first. */
function causes(error: unknown): Error[] {
  const found: Error[] = []
  for (let current = error; current instanceof Error && found.length < 10; current = current.cause)
    found.push(current)
  return found
}
