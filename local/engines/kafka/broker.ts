import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import type { Environment } from '../../../lambdas/core/environment.ts'
import { codeOf, KeeperError } from '../../../lambdas/core/errors.ts'
import { classArchive } from '../class-archive.ts'
import { lastLines } from '../commands.ts'
import { type Java, javaEnvironment } from '../java.ts'
import { endStale, startOwned } from '../owned-process.ts'
import { freePort } from '../ports.ts'
import { waitForKafka, waitForLeaders } from '../readiness.ts'
import { format, identityOf } from './data-folder.ts'
import { brokerProperties, type ExtraListener } from './server-properties.ts'

const LOG4J = pathToFileURL(join(import.meta.dirname, 'log4j2.properties')).href
const START_TIMEOUT_MS = 60_000

/** The just-in-time compiler's first level alone starts Kafka 0.5 s sooner, and is slower for ever after. */
const JAVA_PROFILES = {
  steady: ['-Xmx512m', '-XX:+UseSerialGC'],
  quick: ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
} as const

/** A single-node Kafka on this machine's Java. */
export interface BrokerOptions {
  /** Where its data, settings, log and pid file are. */
  readonly dir: string
  readonly jars: string
  readonly java: Java
  readonly port: number
  readonly environment: Environment
  /** `steady` carries a busy local run for days; `quick` starts sooner, for tests. */
  readonly profile?: keyof typeof JAVA_PROFILES
  /** Listeners besides the host's, such as one that advertises a name nobody can resolve. */
  readonly extraListeners?: readonly ExtraListener[]
  /** Kafka’s settings, beside those that every local broker has or in their place. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A running broker. */
export interface Broker {
  readonly bootstrapServers: string
  readonly pid: number
  stop(): Promise<void>
}

/** The process that an earlier run may have left in `dir` is ended. Data stays. */
export const endStaleBroker = (dir: string): Promise<boolean> => endStale(join(dir, 'kafka.pid'))

/**
 * Starts Kafka in KRaft combined mode and waits until it answers at the address that it advertises, and leads the
 * partitions that it has.
 * @throws KeeperError `kafka_not_started` with the end of its log, or `port_lost` where another program's Kafka took
 * the port meanwhile
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { dir, jars, java, port } = options
  const environment = javaEnvironment(options.environment)
  const properties = join(dir, 'server.properties')
  const logFile = join(dir, 'kafka.log')
  const classPath = ['-cp', join(jars, '*'), `-Dlog4j2.configurationFile=${LOG4J}`]
  await mkdir(dir, { recursive: true })
  await endStaleBroker(dir)
  await writeFile(
    properties,
    brokerProperties({
      port,
      controllerPort: await freePort(),
      dataDir: join(dir, 'data'),
      extraListeners: options.extraListeners ?? [],
      settings: options.settings ?? {},
    }),
  )
  await format({ dataDir: join(dir, 'data'), properties, jars, environment }, [
    java.command,
    ...JAVA_PROFILES.quick,
    ...classPath,
  ])

  const archive = await classArchive(jars, java)
  const broker = await startOwned({
    name: 'Kafka',
    command: java.command,
    args: [
      ...JAVA_PROFILES[options.profile ?? 'steady'],
      ...archive.flags,
      ...classPath,
      'kafka.Kafka',
      properties,
    ],
    environment,
    logFile,
    pidFile: join(dir, 'kafka.pid'),
    mark: properties,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 20_000,
  })
  const bootstrapServers = `localhost:${port}`
  const died = new AbortController()
  void broker.exited.then(() => died.abort())
  try {
    const wait = { timeoutMs: START_TIMEOUT_MS, signal: died.signal }
    await waitForKafka(bootstrapServers, wait)
    await checkIdentity(bootstrapServers, join(dir, 'data'))
    await waitForLeaders(bootstrapServers, wait)
  } catch (cause) {
    const how = died.signal.aborted ? 'ended while it started' : 'runs and is not ready'
    await broker.stop()
    await archive.discard()
    if (codeOf(cause) === 'port_lost') throw cause
    const log = lastLines(await readFile(logFile, 'utf8').catch(() => ''), 40)
    throw new KeeperError('kafka_not_started', `Kafka ${how}. Its log (${logFile}) ends with:\n${log}`, {
      cause,
      retriable: true,
    })
  }
  const stop = async () => {
    await broker.stop()
    await archive.keep()
  }
  return { bootstrapServers, pid: broker.pid, stop }
}

/** Two runs that start at once may both have found a port free: the one that lost it would talk to the other's broker. */
async function checkIdentity(bootstrapServers: string, dataDir: string): Promise<void> {
  const kafka = new Kafka({ brokers: [bootstrapServers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin({ retry: { retries: 2 } })
  try {
    await admin.connect()
    const { clusterId } = await admin.describeCluster()
    if (clusterId === (await identityOf(dataDir))) return
  } finally {
    await admin.disconnect()
  }
  throw new KeeperError(
    'port_lost',
    `Another program's Kafka took ${bootstrapServers} while this one started.`,
    {
      retriable: true,
    },
  )
}
