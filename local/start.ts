import { join } from 'node:path'
import type pg from 'pg'
import { LocalCloud } from './cloud/cloud.ts'
import type { Template } from './cloud/template/template.ts'
import type { Engine } from './engines/engine.ts'
import { fixedPort, portFor } from './engines/ports.ts'
import { type Addresses, addressOf, type ServiceName } from './engines/service.ts'
import { SERVICES } from './engines/services.ts'
import { startEngine } from './engines/start-engine.ts'
import { introduceAlarms, narrate } from './narrate.ts'
import type { LocalOptions } from './options.ts'
import type { RunLock } from './run-state.ts'
import type { Screen } from './screen.ts'
import type { StopStack } from './stop-stack.ts'
import { showSummary } from './summary.ts'
import { whoseBroker } from './whose-broker.ts'

/** What a run is given. */
export interface Run {
  readonly options: LocalOptions
  readonly screen: Screen
  /** Aborted when the run is to stop. */
  readonly stopping: AbortSignal
  /** Takes what is started, to be stopped when the run is over, however it ends. */
  readonly stops: StopStack
  readonly lock: RunLock
  readonly stateDirectory: string
}

/** What differs from app to app: Keeper, or the assembly of another. */
export interface LocalApp {
  readonly services: readonly ServiceName[]
  /** Services that run already, for this app. */
  readonly given?: Addresses
  /** Whatever need not wait for the engine; done before `read`. `signal` ends it: the run is over, or is to stop. */
  prepare?(signal: AbortSignal): Promise<void>
  /** Says what is to run, once it is known where the services are. */
  read(engine: Engine): Promise<Deployment>
}

/** What of an app is to run, and how it is spoken of. */
export interface Deployment {
  readonly template: Template
  /** A function's variables here, after those of the template. */
  readonly variables: (template: Readonly<Record<string, string | undefined>>) => Record<string, string>
  readonly marketUrl: string | null
  /** The port of the first function that has an address of its own; any unless given. */
  readonly urlPort?: () => Promise<number>
  /** Whether that address is Keeper's public page. */
  readonly hasLinks?: boolean
  /** How often a function's schedule fires here, where that is not as the template says. */
  readonly everyMs?: (functionId: string) => number | undefined
  /** Serves the app's console, if it has one, and gives its address. */
  readonly serveConsole?: () => Promise<string>
  /** After the topics are made and the triggers have run; gives the tables that the summary counts, if any. */
  deployed(): Promise<pg.Pool | undefined>
  /** What a person may do now, in lines. */
  hints(lambdaUrl: string): readonly string[]
  /** Parts that AWS would run and that do not run here, with why. */
  readonly notRunning?: readonly string[]
}

const LAMBDA_PORT = 3001

/**
 * Starts everything, then shows what happens until the run is to stop.
 * @returns how many parts of the app could not run
 */
export async function start(run: Run, app: LocalApp): Promise<number> {
  const { options, screen, stopping, stops, lock, stateDirectory } = run
  const over = new AbortController()
  const prepared = app.prepare?.(AbortSignal.any([stopping, over.signal]))
  stops.push(async () => {
    over.abort()
    await prepared?.catch(() => undefined)
  })
  const [engine] = await Promise.all([startServices(run, app), prepared])
  stopping.throwIfAborted()

  const {
    template,
    variables,
    marketUrl,
    urlPort = async () => 0,
    hasLinks = false,
    deployed,
    everyMs,
    serveConsole,
    hints,
    notRunning = [],
  } = await app.read(engine)
  const bootstrapServers = addressOf(engine, 'kafka')
  const logDirectory = join(stateDirectory, 'logs')
  let lastActivityMs = Date.now()
  const active = () => {
    lastActivityMs = Date.now()
  }
  const cloud = new LocalCloud({
    ...{ template, bootstrapServers, logDirectory, variables },
    idleMs: options.idleMs,
    events: { ...narrate(screen), measured: active },
  })
  stops.push(() => cloud.stop())
  await unlessStopped(stopping, cloud.deploy())
  const pool = await unlessStopped(stopping, deployed())

  introduceAlarms(cloud.cloudWatch, screen)
  cloud.startMappings()
  const { aws } = options.ports
  const awsPort =
    aws === undefined ? portFor('the AWS APIs', LAMBDA_PORT, screen.line) : fixedPort('aws-port', aws)
  const lambdaUrl = await cloud.openApi(await awsPort)
  const urls = await cloud.openUrls(await urlPort())
  const consoleUrl = (await serveConsole?.()) ?? null
  stopping.throwIfAborted()
  await lock.publish({
    engine: engine.kind,
    kafka: bootstrapServers,
    databaseUrl: engine.addresses.postgres ?? null,
    lambdaUrl,
    awsUrl: lambdaUrl,
    marketUrl,
    consoleUrl,
    searchUrl: engine.addresses.opensearch ?? null,
    connectUrl: engine.addresses.connect ?? null,
    linksUrl: hasLinks ? (urls[0]?.url ?? null) : null,
  })
  if (options.schedules)
    cloud.startSchedules((schedule) => options.everyMs ?? everyMs?.(schedule.functionId), options.twice)
  const addresses = urls.map(({ functionName, url }) => hint(functionName, url))
  const pages = consoleUrl === null ? [] : [hint('console', consoleUrl)]
  screen.line([...hints(lambdaUrl), ...pages, ...addresses, hint('logs', logDirectory)].join('\n'))
  for (const line of await whoseBroker(engine)) screen.line(line)
  if (notRunning.length > 0) screen.line(notAll(notRunning.length))
  await showSummary({
    ...{ bootstrapServers, pool, screen, stopping },
    mappings: cloud.mappings.map(({ resource }) => resource),
    inAlarm: () => inAlarm(cloud),
    lastActivityMs: () => lastActivityMs,
  })
  return notRunning.length
}

/** What a run says of itself where parts of its app could not run. */
export const notAll = (parts: number): string =>
  `not all of the app runs: ${parts} part${parts > 1 ? 's' : ''} could not, see above`

/** The template's alarms that ring, and mappings with a partition that cannot be read: no alarm of AWS tells of one. */
const inAlarm = ({
  cloudWatch,
  mappings,
}: Pick<LocalCloud, 'cloudWatch' | 'mappings'>): readonly string[] => [
  ...cloudWatch.alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name),
  ...mappings.flatMap(({ name, unreadable }) =>
    unreadable.map((partition) => `${name} partition ${partition} unreadable`),
  ),
]

/** Registers the engine's stop before it has started: a run that is stopped meanwhile stops it as soon as it can be. */
async function startServices(
  { options, screen, stops, stateDirectory }: Run,
  app: LocalApp,
): Promise<Engine> {
  const starting = startEngine({
    stateDir: stateDirectory,
    services: app.services,
    given: app.given,
    kind: options.engine,
    fresh: options.fresh,
    fixedPorts: { kafka: options.ports.kafka },
    progress: screen.line,
    environment: process.env,
  })
  stops.push(async () => (await starting.catch(() => undefined))?.stop())
  const engine = await starting
  const places = Object.values(SERVICES).flatMap(({ name, title, shown }) => {
    const address = engine.addresses[name]
    return address === undefined ? [] : [`${title} at ${shown(address)}`]
  })
  screen.line(`${engine.kind} engine: ${places.join(', ')}`)
  return engine
}

/** A line below the one that says what runs. */
export const hint = (name: string, text: string): string => `          ${name.padEnd(11)}${text}`

/** How a function is invoked by hand. */
export const invokeCommand = (lambdaUrl: string, functionName: string): string =>
  `curl -X POST ${lambdaUrl}/2015-03-31/functions/${functionName}/invocations`

/** Waits for `work`, or throws as soon as the run is to stop: what was started then ends with its part. */
function unlessStopped<T>(stopping: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(resolve, reject)
    stopping.addEventListener('abort', () => reject(stopping.reason), { once: true })
    if (stopping.aborted) reject(stopping.reason)
  })
}
