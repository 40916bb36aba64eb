/**
 * Every environment variable that a function reads, declared once: constructs set them, handlers read them, and
 * `npm run local` replaces the few that differ on one machine (local/differences.ts). A topic's variable is in its entry
 * in topics.ts. Imported as a whole, `import * as ENVIRONMENT`, so that a bundle holds the names that it uses.
 */

/** The function's name in the CDK app, `price-consumer`: the dimension of its metrics. */
export const functionName = 'KEEPER_FUNCTION'
/** The deployment's stage, `prod`: the other dimension of its metrics, which separates two stages of one account. */
export const stage = 'KEEPER_STAGE'
/** Kafka bootstrap brokers, `host:port` separated by commas. */
export const bootstrapServers = 'KAFKA_BOOTSTRAP_SERVERS'
/** `iam` (MSK IAM over TLS) or `none` (plain text, on one machine). */
export const kafkaAuthentication = 'KAFKA_AUTHENTICATION'
/** `postgresql://user@host:port/database`; a password in it counts only with `password` authentication. */
export const databaseUrl = 'DATABASE_URL'
/** `iam` (RDS token) or `password` (in DATABASE_URL). */
export const databaseAuthentication = 'DATABASE_AUTHENTICATION'
/** `db-...`: which RDS instance the database is; a restore makes another one. Not set on one machine. */
export const databaseInstance = 'DATABASE_INSTANCE'
/** ARN of the secret with the owner's `password`, for the migrator's first sign-in, when no token works yet. */
export const databaseSecretArn = 'DATABASE_SECRET_ARN'
/** Keepa's API key itself; on AWS KEEPA_API_KEY_SECRET_ARN names the secret that holds it. */
export const keepaApiKey = 'KEEPA_API_KEY'
export const keepaApiKeySecretArn = 'KEEPA_API_KEY_SECRET_ARN'
/** Where Keepa's API answers; `https://api.keepa.com` unless set. */
export const keepaBaseUrl = 'KEEPA_BASE_URL'
/** `on` (the default) or `off`: whether Keepa is asked for the buy box where Amazon itself has no offer. */
export const keepaBuyBox = 'KEEPA_BUY_BOX'
/** How many years of a product's past are imported. */
export const historyYears = 'HISTORY_YEARS'
/** Domains of the marketplaces whose deals are collected, separated by commas: `de,com,co.uk`. */
export const dealDomains = 'DEAL_DOMAINS'
/** Where OpenSearch answers, a URL; unset where there is none: search is then Postgres's, and nothing is indexed. */
export const searchEndpoint = 'SEARCH_ENDPOINT'
/** What the operator may do: `read` (the function operator-reader) or `change` (operator). */
export const operatorAccess = 'OPERATOR_ACCESS'
/** Where the public page is, ending with a slash; unset where there is none: messages then name commands. */
export const linksUrl = 'LINKS_URL'
/** ARN of the secret with the keys of links, and on one machine the keys themselves. */
export const linkKeysSecretArn = 'LINK_KEYS_SECRET_ARN'
export const linkKeys = 'LINK_KEYS'
/** Days that messages, and records that could not be stored, are kept. */
export const keepMessagesDays = 'KEEP_MESSAGES_DAYS'
export const keepRejectedDays = 'KEEP_REJECTED_DAYS'
/** Months of the history that are kept, and that keep every price, before the present one; unset: all of them. */
export const historyRetentionMonths = 'HISTORY_RETENTION_MONTHS'
export const historyUnthinnedMonths = 'HISTORY_UNTHINNED_MONTHS'
/** The address that mails come from; nothing is mailed where it is not set. */
export const mailFrom = 'MAIL_FROM'
/** SES's configuration set, by which bounces and complaints are reported. */
export const mailConfigurationSet = 'MAIL_CONFIGURATION_SET'
/** `public` (the default) or `local`: whether channels may lead to this machine itself, and over http. */
export const channelAddresses = 'CHANNEL_ADDRESSES'
/** Seconds in which a user's alerts are collected for one message. */
export const collectSeconds = 'NOTIFIER_COLLECT_SECONDS'
/** Messages of alerts a user and local day, and alerts a watch; what is beyond waits for the digest. */
export const messagesPerUser = 'NOTIFIER_MESSAGES_PER_USER'
export const alertsPerWatch = 'NOTIFIER_ALERTS_PER_WATCH'
/** The rate at which messages are sent: at most SES's MaxSendRate of the account. */
export const sendsPerSecond = 'NOTIFIER_SENDS_PER_SECOND'
/** Set by the Lambda runtime itself. */
export const awsRegion = 'AWS_REGION'
/** `true` where the event source mapping has ReportBatchItemFailures: failures are then returned, not thrown. */
export const partialBatchResponse = 'PARTIAL_BATCH_RESPONSE'
