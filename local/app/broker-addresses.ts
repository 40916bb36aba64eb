/**
 * Names that variables with brokers' addresses usually have, without underscores: `BOOTSTRAP_SERVERS`, `KAFKA_BROKERS`,
 * `BROKER_URLS`, `mskBootstrapAddress`.
 */
const NAME =
  /^(KAFKA|MSK)?(CLUSTER)?(BOOTSTRAP(SERVERS?|BROKERS?(STRING|LIST)?|ADDRESS(ES)?|URLS?|ENDPOINTS?|HOSTS?|STRING)?|BROKERS?(SERVERS?|LIST|ADDRESS(ES)?|URLS?|ENDPOINTS?|HOSTS?|STRING)?)$/

export const isBrokersName = (variable: string): boolean =>
  NAME.test(variable.toUpperCase().replaceAll('_', ''))

/**
 * A broker of MSK, provisioned or serverless, or its public address.
 * https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html
 */
const AWS_BROKER = /[\w.-]+\.kafka(-serverless)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?:\d+/g

const ADDRESS = /^[\w.-]+:\d{2,5}$/

/** The brokers of AWS that are named anywhere in a text. */
export const brokersIn = (text: string): readonly string[] => text.match(AWS_BROKER) ?? []

/** Whether a text is nothing but addresses of brokers, separated by commas. */
export function isBrokerAddress(text: string | undefined, whose: 'of AWS' | 'of any'): boolean {
  const addresses = (text ?? '').split(',').map((address) => address.trim())
  if (!addresses.every((address) => ADDRESS.test(address))) return false
  return whose === 'of any' || addresses.every((address) => brokersIn(address).length === 1)
}
