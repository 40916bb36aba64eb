import { KeeperError, messageOf } from '../errors.ts'
import { explainConnectionError } from './connection-errors.ts'

/** Kafka's errors for a message or batch larger than the topic's `max.message.bytes` or its log segments. */
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/** Whether Kafka refused a request because a batch was too large: it then appended nothing of that batch. */
export const isTooLarge = (error: unknown): boolean => TOO_LARGE.has(answerOf(error) ?? '')

/** The error for a message that is too large; retrying cannot help. */
export const messageTooLarge = (topic: string, bytes: number): KeeperError =>
  new KeeperError(
    'kafka_message_too_large',
    `The message has ${bytes} bytes, more than ${topic} allows (max.message.bytes).`,
  )

/**
 * Explains why messages were not acknowledged.
 * @returns `kafka_unknown_topic`, `kafka_not_acknowledged`, or as explainConnectionError; all retriable
 */
export function explainSendError(error: unknown, topic: string, bootstrapServers: string): KeeperError {
  if (error instanceof KeeperError) return error
  if (isConnectionError(error)) return explainConnectionError(error, bootstrapServers)
  const options = { cause: error, retriable: true }
  if (answerOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') {
    const message = `Kafka has no topic ${topic}. On AWS the data stack creates it; locally npm run local does.`
    return new KeeperError('kafka_unknown_topic', message, options)
  }
  const message = `Kafka did not acknowledge the message on ${topic}: ${messageOf(error)}`
  return new KeeperError('kafka_not_acknowledged', message, options)
}

/** The name of the error with which Kafka answered; kafkajs may have wrapped it. */
const answerOf = (error: unknown): string | undefined =>
  causes(error)
    .map((cause) => (cause as { type?: unknown }).type)
    .find((type) => typeof type === 'string')

const isConnectionError = (error: unknown): boolean =>
  causes(error).some(({ name }) => /Connection|BrokerNotFound|RequestTimeout/.test(name))

/** An error and its causes, outermost first. */
function causes(error: unknown): Error[] {
  const found: Error[] = []
  for (let current = error; current instanceof Error && found.length < 10; current = current.cause)
    found.push(current)
  return found
}
