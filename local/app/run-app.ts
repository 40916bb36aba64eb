import { join, resolve } from 'node:path'
import { KeeperError } from '../../lambdas/core/errors.ts'
import { LocalCloud } from '../cloud/cloud.ts'
import type { KafkaEngine } from '../engines/engine.ts'
import { portFor } from '../engines/ports.ts'
import { withoutPassword } from '../engines/readiness.ts'
import { startKafka } from '../engines/start-kafka.ts'
import { introduceAlarms, narrate } from '../narrate.ts'
import { LAMBDA_PORT, type Run, unlessStopped } from '../pipeline.ts'
import { showSummary } from '../summary.ts'
import { type AppTemplate, hasDatabase, readAppTemplate } from './app-template.ts'
import { type Assembly, readApp } from './stacks.ts'

/** Runs the assembly that another CDK app was synthesized to, then shows its topics until the run is to stop. */
export async function runApp(run: Run, directory: string): Promise<void> {
  const { options, screen, stopping, stops, lock, stateDirectory } = run
  const assembly = await readApp(resolve(directory))
  const engine = await startEngineFor(run, assembly)
  stopping.throwIfAborted()

  const app = await readAppTemplate(assembly, {
    places: engine,
    given: options.env,
    codeDirectory: join(stateDirectory, 'code'),
  })
  tell(app, screen.line)
  const cloud = new LocalCloud({
    template: app.template,
    bootstrapServers: engine.bootstrapServers,
    logDirectory: join(stateDirectory, 'logs'),
    variables: definedOnly,
    events: narrate(screen),
  })
  stops.push(() => cloud.stop())
  await unlessStopped(stopping, cloud.deploy())
  screen.line(`topics made: ${app.template.topics.map(({ name }) => name).join(', ') || 'none'}`)
  introduceAlarms(cloud.cloudWatch, screen)
  cloud.startMappings()
  const lambdaUrl = await cloud.openApi(await portFor("Lambda's invoke API", LAMBDA_PORT, screen.line))
  stopping.throwIfAborted()
  await lock.publish({
    engine: engine.kind,
    kafka: engine.bootstrapServers,
    databaseUrl: engine.databaseUrl,
    lambdaUrl,
    marketUrl: null,
    consoleUrl: null,
  })
  if (options.schedules) cloud.startSchedules(options.everyMs, options.twice)
  screen.line(howToGoOn(app, engine, lambdaUrl, stateDirectory))
  await showSummary({
    bootstrapServers: engine.bootstrapServers,
    pool: undefined,
    mappings: cloud.mappings.map(({ resource }) => resource),
    cloudWatch: cloud.cloudWatch,
    screen,
    stopping,
  })
}

async function startEngineFor(
  { options, screen, stops, stateDirectory }: Run,
  assembly: Assembly,
): Promise<KafkaEngine> {
  const starting = startKafka({
    stateDir: stateDirectory,
    kind: options.engine,
    fresh: options.fresh,
    postgres: hasDatabase(assembly),
    progress: screen.line,
    environment: process.env,
  })
  stops.push(async () => (await starting.catch(() => undefined))?.stop())
  const engine = await starting
  const postgres = engine.databaseUrl === null ? 'no Postgres' : withoutPassword(engine.databaseUrl)
  screen.line(`${engine.kind} engine: Kafka on ${engine.bootstrapServers}, ${postgres}`)
  return engine
}

/** @throws KeeperError `nothing_to_run` where the assembly has no function that runs here */
function tell({ template, missing, addedTopics, skipped }: AppTemplate, line: (text: string) => void): void {
  for (const text of skipped) line(text)
  if (template.functions.length === 0) {
    throw new KeeperError('nothing_to_run', 'The assembly has no Node.js function with code in it.')
  }
  if (addedTopics.length > 0) {
    line(
      `mappings name topics that the template does not make; one partition each: ${addedTopics.join(', ')}`,
    )
  }
  for (const { functionName, variable, refersTo } of missing) {
    line(
      `${functionName}: ${variable} is not set, it refers to ${refersTo}; --env ${variable}=VALUE gives it`,
    )
  }
}

function howToGoOn(
  { template }: AppTemplate,
  { bootstrapServers }: KafkaEngine,
  lambdaUrl: string,
  stateDirectory: string,
): string {
  const [first] = template.functions
  return [
    `${template.functions.map(({ name }) => name).join(', ')}: ready. Ctrl-C stops; data stays for the next run (--fresh begins anew).`,
    `          Kafka      ${bootstrapServers}`,
    `          invoke     curl -X POST ${lambdaUrl}/2015-03-31/functions/${first?.name}/invocations`,
    `          logs       ${join(stateDirectory, 'logs')}`,
  ].join('\n')
}

const definedOnly = (variables: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
