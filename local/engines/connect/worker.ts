import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../../../lambdas/core/environment.ts'
import { KeeperError, messageOf } from '../../../lambdas/core/errors.ts'
import { classArchive } from '../class-archive.ts'
import { lastLines } from '../commands.ts'
import { type Java, javaEnvironment } from '../java.ts'
import { endStale, startOwned } from '../owned-process.ts'
import { poll, type WaitOptions } from '../readiness.ts'
import { workerProperties } from './worker-properties.ts'

const LOG4J = join(import.meta.dirname, '..', 'kafka', 'log4j2.properties')
const START_TIMEOUT_MS = 120_000

/** A distributed worker, alone in its group. */
export interface WorkerOptions {
  /** Where its settings, log and pid file are; it has no data. */
  readonly dir: string
  readonly jars: string
  /** A folder with a folder for each plugin. */
  readonly plugins: string
  readonly java: Java
  readonly port: number
  readonly bootstrapServers: string
  readonly environment: Environment
}

export interface Worker {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** The process that an earlier run may have left in `dir` is ended. */
export const endStaleWorker = (dir: string): Promise<boolean> => endStale(join(dir, 'connect.pid'))

/**
 * Starts Kafka Connect, which waits for its broker by itself, and waits until its REST API answers.
 * @throws KeeperError `connect_not_started` with the end of its log
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { dir, jars, plugins, java, port, bootstrapServers, environment } = options
  const properties = join(dir, 'worker.properties')
  const logFile = join(dir, 'connect.log')
  const url = `http://127.0.0.1:${port}`
  await mkdir(dir, { recursive: true })
  await endStaleWorker(dir)
  await writeFile(properties, workerProperties({ bootstrapServers, listener: url, plugins }))
  const archive = await classArchive(jars, java)
  const worker = await startOwned({
    name: 'Kafka Connect',
    command: java.command,
    args: [
      ...['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC'],
      ...archive.flags,
      ...['-cp', join(jars, '*'), `-Dlog4j2.configurationFile=${LOG4J}`],
      ...['org.apache.kafka.connect.cli.ConnectDistributed', properties],
    ],
    environment: javaEnvironment(environment),
    logFile,
    pidFile: join(dir, 'connect.pid'),
    mark: properties,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 30_000,
  })
  const died = new AbortController()
  void worker.exited.then(() => died.abort())
  try {
    await waitForConnect(url, { timeoutMs: START_TIMEOUT_MS, signal: died.signal })
  } catch (cause) {
    const how = died.signal.aborted ? 'ended while it started' : 'runs and is not ready'
    await worker.stop()
    await archive.discard()
    const log = lastLines(await readFile(logFile, 'utf8').catch(() => ''), 40)
    throw new KeeperError(
      'connect_not_started',
      `Kafka Connect ${how}. Its log (${logFile}) ends with:\n${log}`,
      { cause, retriable: true },
    )
  }
  const stop = async () => {
    await worker.stop()
    await archive.keep()
  }
  return { url, pid: worker.pid, stop }
}

/**
 * Waits until the worker knows its connectors: its API answers 404 before.
 * @throws KeeperError `connect_unreachable`
 */
export const waitForConnect = (url: string, options: WaitOptions): Promise<void> =>
  poll(options, async () => {
    try {
      const response = await fetch(`${url}/connectors`, { signal: AbortSignal.timeout(5_000) })
      if (response.ok) return
      throw new Error(`it answers ${response.status}`)
    } catch (cause) {
      throw new KeeperError('connect_unreachable', `Kafka Connect at ${url}: ${messageOf(cause)}`, {
        cause,
        retriable: true,
      })
    }
  })
