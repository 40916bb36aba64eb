import type { Admin } from 'kafkajs'
import { codeOf, KeeperError, messageOf } from '../errors.ts'

/** The listeners of local/docker-compose.yml. */
const LISTENERS =
  'Inside the compose network use kafka:29092, on the host localhost:9092 (KAFKA_BOOTSTRAP_SERVERS).'

/** getaddrinfo's codes for a name that cannot be resolved. */
const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME', 'EAI_NODATA'])

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '[::1]'])

/**
 * Explains why Kafka could not be reached. Bootstrap brokers only tell a client the brokers' addresses: a client that
 * uses the wrong listener gets an answer, with addresses that do not work where it runs.
 * Source: https://kafka.apache.org/41/configuration/broker-configs/ (advertised.listeners)
 * @param error what kafkajs threw; its connection errors name the broker
 * @param bootstrapServers the servers asked: `host:port` separated by commas
 * @returns `kafka_wrong_listener` or `kafka_unreachable`; both retriable, as brokers come back and settings get fixed
 */
export function explainConnectionError(error: unknown, bootstrapServers: string): KeeperError {
  if (error instanceof KeeperError) return error
  const { broker, reason, code } = innermost(error)
  const asked = bootstrapServers.split(',').map((server) => server.trim().toLowerCase())
  if (broker && !asked.includes(broker.toLowerCase()) && pointsElsewhere(broker, code, asked)) {
    return new KeeperError(
      'kafka_wrong_listener',
      `Kafka answers at ${bootstrapServers}, but advertises ${broker}, which cannot be reached from here (${reason}). ${LISTENERS}`,
      { cause: error, retriable: true },
    )
  }
  const where =
    broker && !asked.includes(broker.toLowerCase())
      ? `${broker} (asked ${bootstrapServers})`
      : bootstrapServers
  return new KeeperError('kafka_unreachable', `Kafka cannot be reached at ${where}: ${reason}`, {
    cause: error,
    retriable: true,
  })
}

/**
 * Counts the cluster's brokers. This needs a connection to an advertised address, not only to a bootstrap server.
 * @param admin a kafkajs admin that is not connected yet; it is disconnected afterwards
 * @returns the number of brokers
 * @throws KeeperError as explainConnectionError
 */
export async function probeBrokers(admin: Admin, bootstrapServers: string): Promise<number> {
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length
  } catch (error) {
    throw explainConnectionError(error, bootstrapServers)
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/**
 * Whether a failure at an address outside the bootstrap list is caused by the wrong listener: the name cannot be
 * resolved here, or exactly one of the two addresses is this machine's loopback. A broker that is merely down is
 * neither.
 */
const pointsElsewhere = (broker: string, code: string | undefined, asked: readonly string[]): boolean =>
  (code !== undefined && UNRESOLVED.has(code)) ||
  LOOPBACK.has(hostOf(broker)) !== asked.some((server) => LOOPBACK.has(hostOf(server)))

const hostOf = (server: string): string => server.slice(0, server.lastIndexOf(':'))

/** Of kafkajs's nested errors, the innermost that names a broker, else the innermost. */
function innermost(error: unknown): { broker?: string; reason: string; code?: string } {
  let found: unknown = error
  for (let current = error, depth = 0; current instanceof Error && depth < 10; depth++) {
    if (brokerOf(current) || !brokerOf(found)) found = current
    current = current.cause
  }
  const [message, code] = [messageOf(found), codeOf(found)]
  // If every address of a host refuses, Node's message is empty, and kafkajs's ends after its colon.
  const reason = code && /:\s*$/.test(message) ? `${message.trim()} ${code}` : message
  return { broker: brokerOf(found), reason, code }
}

const brokerOf = (error: unknown): string | undefined => {
  const broker = (error as { broker?: unknown } | null)?.broker
  return typeof broker === 'string' ? broker : undefined
}
