import { join } from 'node:path'
import pg from 'pg'
import { readApp } from './app/stacks.ts'
import { LocalCloud } from './cloud/cloud.ts'
import { seedDemoWatches } from './demo.ts'
import { localVariables } from './differences.ts'
import type { Engine } from './engines/engine.ts'
import { portFor } from './engines/ports.ts'
import { startEngine } from './engines/start-engine.ts'
import { keeperTemplate } from './keeper-template.ts'
import { type Market, startMarket } from './market/market.ts'
import { introduceAlarms, narrate } from './narrate.ts'
import type { LocalOptions } from './options.ts'
import type { RunLock } from './run-state.ts'
import type { Screen } from './screen.ts'
import type { StopStack } from './stop-stack.ts'
import { showSummary } from './summary.ts'
import { synthesize } from './synth.ts'

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

export const LAMBDA_PORT = 3001

/** Starts everything, then shows what happens until the run is to stop. */
export async function runPipeline(run: Run): Promise<void> {
  const { options, screen, stopping, stops, lock, stateDirectory } = run
  const assemblyDirectory = join(stateDirectory, 'cdk.out')
  const synthesized = synthesizeWithProgress(run, assemblyDirectory)
  const [engine] = await Promise.all([startEngineOf(run), synthesized])
  stopping.throwIfAborted()

  const market = process.env.KEEPA_API_KEY ? undefined : await startMarket()
  if (market) stops.push(() => market.close())
  screen.line(market ? `simulated market on ${market.url}` : "Keepa's own prices (KEEPA_API_KEY is set)")

  const template = keeperTemplate(await readApp(assemblyDirectory), engine)
  const cloud = new LocalCloud({
    template,
    bootstrapServers: engine.bootstrapServers,
    logDirectory: join(stateDirectory, 'logs'),
    variables: (variables) =>
      localVariables(variables, {
        bootstrapServers: engine.bootstrapServers,
        databaseUrl: engine.databaseUrl,
        keepaBaseUrl: market?.url ?? process.env.KEEPA_BASE_URL ?? 'https://api.keepa.com',
        keepaApiKey: process.env.KEEPA_API_KEY ?? 'simulated-market',
      }),
    events: narrate(screen),
  })
  stops.push(() => cloud.stop())
  await unlessStopped(stopping, cloud.deploy())
  screen.line('topics made, migrations applied')

  const pool = new pg.Pool({ connectionString: engine.databaseUrl, max: 1 })
  pool.on('error', () => undefined)
  stops.push(() => pool.end())
  if (market) await unlessStopped(stopping, seed(pool, market, screen))

  introduceAlarms(cloud.cloudWatch, screen)
  cloud.startMappings()
  const lambdaUrl = await cloud.openApi(await portFor("Lambda's invoke API", LAMBDA_PORT, screen.line))
  stopping.throwIfAborted()
  await lock.publish({
    engine: engine.kind,
    kafka: engine.bootstrapServers,
    databaseUrl: engine.databaseUrl,
    lambdaUrl,
    marketUrl: market?.url ?? null,
    consoleUrl: null,
  })
  if (options.schedules) cloud.startSchedules(options.everyMs, options.twice)
  screen.line(howToGoOn(engine, lambdaUrl, stateDirectory, options))
  await showSummary({
    bootstrapServers: engine.bootstrapServers,
    pool,
    mappings: cloud.mappings.map(({ resource }) => resource),
    cloudWatch: cloud.cloudWatch,
    screen,
    stopping,
  })
}

async function synthesizeWithProgress({ screen, stopping }: Run, directory: string): Promise<void> {
  screen.line('synthesizing the CDK app (node bin/keeper.ts)')
  await synthesize(directory, stopping)
  screen.line('templates and bundles are made')
}

/** Registers the engine's stop before it has started: a run that is stopped meanwhile stops it as soon as it can be. */
async function startEngineOf({ options, screen, stops, stateDirectory }: Run): Promise<Engine> {
  const starting = startEngine({
    stateDir: stateDirectory,
    kind: options.engine,
    fresh: options.fresh,
    progress: screen.line,
    environment: process.env,
  })
  stops.push(async () => (await starting.catch(() => undefined))?.stop())
  const engine = await starting
  screen.line(`${engine.kind} engine: Kafka on ${engine.bootstrapServers}, Postgres at ${engine.databaseUrl}`)
  return engine
}

async function seed(pool: pg.Pool, market: Market, screen: Screen): Promise<void> {
  const client = await pool.connect()
  try {
    const watches = await seedDemoWatches(client, market.catalogue.entries)
    if (watches > 0) screen.line(`demo@keeper.example watches ${watches} products of the simulated market`)
  } finally {
    client.release()
  }
}

function howToGoOn(engine: Engine, lambdaUrl: string, stateDirectory: string, options: LocalOptions): string {
  return [
    'Keeper runs. Ctrl-C stops it; data stays for the next run (--fresh begins anew).',
    `          database   ${engine.databaseUrl}`,
    `          check now  curl -X POST ${lambdaUrl}/2015-03-31/functions/price-check/invocations`,
    `          logs       ${join(stateDirectory, 'logs')}`,
    ...(options.everyMs || !options.schedules ? [] : ['          live       npm run local -- --every 10s']),
  ].join('\n')
}

/** Waits for `work`, or throws as soon as the run is to stop: what was started then ends with its part. */
export function unlessStopped<T>(stopping: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(resolve, reject)
    stopping.addEventListener('abort', () => reject(stopping.reason), { once: true })
    if (stopping.aborted) reject(stopping.reason)
  })
}
