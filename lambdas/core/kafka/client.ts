import { generateAuthToken } from 'aws-msk-iam-sasl-signer-js'
import { Kafka, type KafkaConfig, type LogEntry, logLevel, type RetryOptions } from 'kafkajs'
import { type Environment, oneOf, optional, required } from '../environment.ts'
import * as ENVIRONMENT from '../environment-names.ts'
import type { Logger } from '../logger.ts'

/** Where Kafka is on one machine: the default of KAFKA_BOOTSTRAP_SERVERS. */
const DEFAULT_BOOTSTRAP_SERVERS = 'localhost:9092'

/**
 * A Kafka client, not connected yet, configured by KAFKA_BOOTSTRAP_SERVERS and KAFKA_AUTHENTICATION.
 * With `iam` each connection uses TLS and signs in with a token made from the function's credentials.
 * https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html
 * @param retry how often it retries connecting and fetching metadata; kafkajs's default if omitted
 */
export function createKafka(environment: Environment, log: Logger, retry?: RetryOptions): Kafka {
  const authentication = oneOf(environment, ENVIRONMENT.kafkaAuthentication, ['none', 'iam'])
  return new Kafka({
    clientId: optional(environment, ENVIRONMENT.functionName, 'keeper'),
    brokers: bootstrapServersOf(environment).split(','),
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    ...(retry ? { retry } : {}),
    logCreator: () => (entry) => forward(entry, log),
    ...(authentication === 'iam' ? iam(environment) : {}),
  })
}

/** The brokers that a client asks first, `host:port` separated by commas. */
export const bootstrapServersOf = (environment: Environment): string =>
  optional(environment, ENVIRONMENT.bootstrapServers, DEFAULT_BOOTSTRAP_SERVERS).replaceAll(' ', '')

function iam(environment: Environment): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const region = required(environment, ENVIRONMENT.awsRegion)
  return {
    ssl: true,
    sasl: {
      mechanism: 'oauthbearer',
      oauthBearerProvider: async () => ({ value: (await generateAuthToken({ region })).token }),
    },
  }
}

/**
 * Logs kafkajs's lines as warnings: it reports each failed attempt as an error, but what counts is the error that the
 * caller gets. Its warning about an idempotent producer with limited retries is dropped: topic-producer.ts handles that.
 */
function forward({ level, namespace, log: entry }: LogEntry, log: Logger): void {
  if (level > logLevel.WARN || entry.message.startsWith('Limiting retries for the idempotent producer'))
    return
  log.warn('kafkajs', { namespace, detail: entry.message, broker: entry.broker, error: entry.error })
}
