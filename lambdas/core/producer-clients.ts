import type { RetryOptions } from 'kafkajs'
import { KEEPA_API_KEY_PLACEHOLDER, optional, required } from './environment.ts'
import * as ENVIRONMENT from './environment-names.ts'
import { bootstrapServersOf, createKafka } from './kafka/client.ts'
import { DealUpdateProducer } from './kafka/deal-update-producer.ts'
import { PriceUpdateProducer } from './kafka/price-update-producer.ts'
import { quietTimeoutWarning } from './kafka/quiet-timeout-warning.ts'
import { TopicProducer } from './kafka/topic-producer.ts'
import { createKeepaClient, type KeepaClient } from './keepa/client.ts'
import { RESERVED_FOR_IMPORTS } from './keepa/tokens.ts'
import type { Logger } from './logger.ts'
import { readSecret } from './secrets.ts'
import type { Topic } from './topics.ts'
import * as TOPICS from './topics.ts'

/**
 * The clients of a producer's execution environment, created on first use and reused while it is warm. They are not in
 * clients.ts, so that no consumer bundles a Kafka client.
 */
let prices: PriceUpdateProducer | undefined
let deals: DealUpdateProducer | undefined
let keepa: Promise<KeepaClient | undefined> | undefined

export function priceUpdateProducer(log: Logger): PriceUpdateProducer {
  prices ??= new PriceUpdateProducer(topicProducer(TOPICS.prices, log))
  return prices
}

export function dealUpdateProducer(log: Logger): DealUpdateProducer {
  deals ??= new DealUpdateProducer(topicProducer(TOPICS.deals, log))
  return deals
}

function topicProducer({ setting, name }: Topic, log: Logger): TopicProducer {
  quietTimeoutWarning()
  const kafka = (retry: RetryOptions) => createKafka(process.env, log, retry)
  return new TopicProducer(kafka, optional(process.env, setting, name), bootstrapServersOf(process.env))
}

/**
 * Keepa's client, or undefined, with a warning in the log, while the secret still holds the placeholder: a stage's
 * schedules run from the first deployment on, before anybody can store the key. Without a client, and after an error,
 * the next call reads the secret again.
 * @param reservedTokens the share of an hour's tokens that is left for others
 * @throws KeeperError `environment_missing` or `secret_unreadable`
 */
export async function keepaClient(
  log: Logger,
  reservedTokens = RESERVED_FOR_IMPORTS,
): Promise<KeepaClient | undefined> {
  keepa ??= createClient(log, reservedTokens)
  try {
    const client = await keepa
    if (!client) keepa = undefined
    return client
  } catch (error) {
    keepa = undefined
    throw error
  }
}

async function createClient(log: Logger, reservedTokens: number): Promise<KeepaClient | undefined> {
  const baseUrl = optional(process.env, ENVIRONMENT.keepaBaseUrl, 'https://api.keepa.com')
  const apiKey = (optional(process.env, ENVIRONMENT.keepaApiKey, '') || (await keyInSecret())).trim()
  if (!apiKey.includes(KEEPA_API_KEY_PLACEHOLDER))
    return createKeepaClient({ apiKey, baseUrl, log, reservedTokens })
  log.warn(
    'Keepa was not asked: the secret for its API key still holds the placeholder. Store the key with aws secretsmanager put-secret-value; the next run uses it.',
    { secret: required(process.env, ENVIRONMENT.keepaApiKeySecretArn) },
  )
  return undefined
}

const keyInSecret = (): Promise<string> => readSecret(required(process.env, ENVIRONMENT.keepaApiKeySecretArn))
