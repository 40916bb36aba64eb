import { KeeperError } from './errors.ts'
import type { Topic } from './topics.ts'

/**
 * Every environment variable that a function reads, declared once: constructs set them, handlers read them, and
 * `npm run local` replaces the few that differ on one machine (local/differences.ts). A topic's variable is in its entry
 * in topics.ts.
 */
export const ENVIRONMENT = {
  /** The function's name in the CDK app, `price-consumer`: the dimension of its metrics. */
  functionName: 'KEEPER_FUNCTION',
  /** The deployment's stage, `prod`: the other dimension of its metrics, which separates two stages of one account. */
  stage: 'KEEPER_STAGE',
  /** Kafka bootstrap brokers, `host:port` separated by commas. */
  bootstrapServers: 'KAFKA_BOOTSTRAP_SERVERS',
  /** `iam` (MSK IAM over TLS) or `none` (plain text, on one machine). */
  kafkaAuthentication: 'KAFKA_AUTHENTICATION',
  /** `postgresql://user@host:port/database`; a password in it counts only with `password` authentication. */
  databaseUrl: 'DATABASE_URL',
  /** `iam` (RDS token) or `password` (in DATABASE_URL). */
  databaseAuthentication: 'DATABASE_AUTHENTICATION',
  /** ARN of the secret with the owner's `password`, for the migrator's first sign-in, when no token works yet. */
  databaseSecretArn: 'DATABASE_SECRET_ARN',
  /** Keepa's API key itself; on AWS KEEPA_API_KEY_SECRET_ARN names the secret that holds it. */
  keepaApiKey: 'KEEPA_API_KEY',
  keepaApiKeySecretArn: 'KEEPA_API_KEY_SECRET_ARN',
  /** Where Keepa's API answers; `https://api.keepa.com` unless set. */
  keepaBaseUrl: 'KEEPA_BASE_URL',
  /** `on` (the default) or `off`: whether Keepa is asked for the buy box where Amazon itself has no offer. */
  keepaBuyBox: 'KEEPA_BUY_BOX',
  /** Domains of the marketplaces whose deals are collected, separated by commas: `de,com,co.uk`. */
  dealDomains: 'DEAL_DOMAINS',
  /** What the operator may do: `read` (the function operator-reader) or `change` (operator). */
  operatorAccess: 'OPERATOR_ACCESS',
  /** Where the public page is, ending with a slash; unset where there is none: messages then name commands. */
  linksUrl: 'LINKS_URL',
  /** ARN of the secret with the keys of links, and on one machine the keys themselves. */
  linkKeysSecretArn: 'LINK_KEYS_SECRET_ARN',
  linkKeys: 'LINK_KEYS',
  /** Days that messages, and records that could not be stored, are kept. */
  keepMessagesDays: 'KEEP_MESSAGES_DAYS',
  keepRejectedDays: 'KEEP_REJECTED_DAYS',
  /** The address that mails come from; nothing is mailed where it is not set. */
  mailFrom: 'MAIL_FROM',
  /** SES's configuration set, by which bounces and complaints are reported. */
  mailConfigurationSet: 'MAIL_CONFIGURATION_SET',
  /** `public` (the default) or `local`: whether channels may lead to this machine itself, and over http. */
  channelAddresses: 'CHANNEL_ADDRESSES',
  /** Seconds in which a user's alerts are collected for one message. */
  collectSeconds: 'NOTIFIER_COLLECT_SECONDS',
  /** Messages of alerts a user and local day, and alerts a watch; what is beyond waits for the digest. */
  messagesPerUser: 'NOTIFIER_MESSAGES_PER_USER',
  alertsPerWatch: 'NOTIFIER_ALERTS_PER_WATCH',
  /** The rate at which messages are sent: at most SES's MaxSendRate of the account. */
  sendsPerSecond: 'NOTIFIER_SENDS_PER_SECOND',
  /** Set by the Lambda runtime itself. */
  awsRegion: 'AWS_REGION',
  /** `true` where the event source mapping has ReportBatchItemFailures: failures are then returned, not thrown. */
  partialBatchResponse: 'PARTIAL_BATCH_RESPONSE',
} as const

/**
 * The initial value of the secret at KEEPA_API_KEY_SECRET_ARN. The data stack writes it; a producer that reads it knows
 * that no API key has been stored yet.
 */
export const KEEPA_API_KEY_PLACEHOLDER = 'put-the-api-key-of-keepa-here'

/** The name of one of Keeper's environment variables. */
export type EnvironmentName = (typeof ENVIRONMENT)[keyof typeof ENVIRONMENT] | Topic['setting']

/** Where values come from: `process.env`, or a plain object in tests. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The value of a variable that must be set.
 * @throws KeeperError `environment_missing` naming the variable and where it is set
 */
export function required(environment: Environment, name: EnvironmentName): string {
  const value = environment[name]?.trim()
  if (value) return value
  throw new KeeperError(
    'environment_missing',
    `${name} is not set. On AWS the CDK construct of the function sets it (lib/constructs/functions/keeper-function.ts); locally \`npm run local\` does (local/differences.ts).`,
  )
}

/** The value of a variable, or `fallback` if it is unset or blank. */
export function optional(environment: Environment, name: EnvironmentName, fallback: string): string {
  return environment[name]?.trim() || fallback
}

/**
 * The value of a variable that must be one of `values`; the first is the default.
 * @throws KeeperError `environment_invalid` listing the allowed values
 */
export function oneOf<T extends string>(
  environment: Environment,
  name: EnvironmentName,
  values: readonly [T, ...T[]],
): T {
  const value = optional(environment, name, values[0])
  const found = values.find((candidate) => candidate === value)
  if (found) return found
  throw new KeeperError('environment_invalid', `${name} is "${value}": use one of ${values.join(', ')}.`)
}

/**
 * The value of a variable that must be a number above 0, or `fallback` if it is unset or blank.
 * @throws KeeperError `environment_invalid`
 */
export function positive(environment: Environment, name: EnvironmentName, fallback: number): number {
  const value = optional(environment, name, String(fallback))
  if (Number(value) > 0 && Number.isFinite(Number(value))) return Number(value)
  throw new KeeperError('environment_invalid', `${name} is "${value}": use a number above 0.`)
}
