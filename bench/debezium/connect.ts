import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { classArchive } from '../../local/engines/class-archive.ts'
import { lastLines } from '../../local/engines/commands.ts'
import { findJava, type Java } from '../../local/engines/java.ts'
import { startOwned } from '../../local/engines/owned-process.ts'
import { freePort } from '../../local/engines/ports.ts'
import { connectClassPath } from './class-path.ts'
import { type SinkTarget, sinkSettings, workerProperties } from './settings.ts'

const LOG4J = join(import.meta.dirname, '..', '..', 'local', 'engines', 'kafka', 'log4j2.properties')
const STATUS_EVERY_MS = 1_000

/** The bounds of Java's memory: its heap, all of it from the start. On two cores no other collector was faster. */
const JAVA_MEMORY = ['-Xms1g', '-Xmx1g', '-XX:+UseSerialGC']

/** What every start of Kafka Connect takes. */
export interface ConnectInstallation {
  readonly directory: string
  readonly classPath: string
  readonly java: Java
}

/** Finds Java, and has Maven bring Connect and the sink. */
export async function installConnect(directory: string): Promise<ConnectInstallation> {
  const java = await findJava(process.env)
  if ('missing' in java) throw new Error(`Kafka Connect needs ${java.missing}`)
  return { directory, classPath: await connectClassPath(join(directory, 'class-path')), java }
}

/** A standalone Kafka Connect with one JDBC sink. */
export interface JdbcSink {
  /** Rejects where the process ends by itself or a task fails; never settles else. */
  readonly failed: Promise<never>
  /** The sink's consumers and connections stay; nothing is read. Waits until it is so. */
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

/** Starts the process, which reads its topic as soon as it is ready; resolves when it runs, not when it is ready. */
export async function startJdbcSink(
  { directory, classPath, java }: ConnectInstallation,
  bootstrapServers: string,
  target: SinkTarget,
): Promise<JdbcSink> {
  const own = join(directory, target.name)
  const port = await freePort()
  const worker = join(own, 'worker.properties')
  const sink = join(own, 'sink.json')
  const logFile = join(own, 'connect.log')
  await mkdir(own, { recursive: true })
  await writeFile(worker, workerProperties({ bootstrapServers, port, directory: own }))
  await writeFile(sink, JSON.stringify(sinkSettings(target)))
  const archive = await classArchive(directory, java)
  const connect = await startOwned({
    name: 'Kafka Connect',
    command: java.command,
    args: [
      ...JAVA_MEMORY,
      ...archive.flags,
      '-cp',
      classPath,
      `-Dlog4j2.configurationFile=${LOG4J}`,
      'org.apache.kafka.connect.cli.ConnectStandalone',
      worker,
      sink,
    ],
    environment: process.env,
    logFile,
    pidFile: join(own, 'connect.pid'),
    mark: worker,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 60_000,
  })
  const connector = `http://127.0.0.1:${port}/connectors/${target.name}`
  const stopping = new AbortController()
  const failed = whenFailed(connector, connect.exited, stopping.signal).catch(async (cause: Error) => {
    const log = lastLines(await readFile(logFile, 'utf8'), 40)
    throw new Error(`${cause.message} Its log (${logFile}) ends with:\n${log}`)
  })
  // Reported to the caller that waits for rows; a failure between two waits is found by the next one.
  failed.catch(() => undefined)
  const change = async (verb: 'pause' | 'resume') => {
    const { status } = await fetch(`${connector}/${verb}`, { method: 'PUT' })
    if (status !== 202) throw new Error(`Kafka Connect answers ${status} to ${verb}.`)
  }
  return {
    failed,
    pause: async () => {
      await change('pause')
      while ((await stateOf(connector)).some((state) => state !== 'PAUSED')) await sleep(20)
    },
    resume: () => change('resume'),
    stop: async () => {
      stopping.abort()
      await connect.stop()
      await archive.keep()
    },
  }
}

async function whenFailed(connector: string, exited: Promise<void>, stopping: AbortSignal): Promise<never> {
  let isRunning = true
  void exited.then(() => {
    isRunning = false
  })
  while (!stopping.aborted) {
    if (!isRunning) throw new Error('Kafka Connect ended.')
    // Until it is ready it does not answer.
    const states = await stateOf(connector).catch((): readonly string[] => [])
    if (states.includes('FAILED')) throw new Error('A task of the JDBC sink failed.')
    await sleep(STATUS_EVERY_MS)
  }
  return new Promise(() => undefined)
}

/** The states of the connector and of each of its tasks. */
async function stateOf(connector: string): Promise<readonly string[]> {
  const response = await fetch(`${connector}/status`)
  if (!response.ok) throw new Error(`Kafka Connect answers ${response.status} when it is asked for a status.`)
  const status = (await response.json()) as {
    readonly connector: { readonly state: string }
    readonly tasks: readonly { readonly state: string }[]
  }
  return [status.connector, ...status.tasks].map(({ state }) => state)
}
