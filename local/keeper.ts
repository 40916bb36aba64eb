import { join } from 'node:path'
import pg from 'pg'
import { findKeeper } from '../client/find.ts'
import { startConsole } from '../console/server/console.ts'
import { readApp } from './app/stacks.ts'
import { seedDemoWatches } from './demo.ts'
import { localEveryMs, localVariables } from './differences.ts'
import { type Engine, placesOf } from './engines/engine.ts'
import { fixedPort, heldPort, portFor } from './engines/ports.ts'
import { addressOf } from './engines/service.ts'
import { keeperTemplate } from './keeper-template.ts'
import { localLinkKeys } from './link-keys.ts'
import { startMarket } from './market/market.ts'
import { startMirror } from './mirror.ts'
import type { Screen } from './screen.ts'
import { hint, invokeCommand, type LocalApp, type Run } from './start.ts'
import { synthesize } from './synth.ts'

const LINKS_PORT = 3002

/** Keeper itself, synthesized while the engine starts. */
export function keeper(run: Run): LocalApp {
  const { options, screen, stops, stateDirectory } = run
  const assemblyDirectory = join(stateDirectory, 'cdk.out')
  return {
    services: [
      ...(['kafka', 'postgres'] as const),
      ...(options.search ? (['opensearch'] as const) : []),
      ...(options.connect ? (['connect'] as const) : []),
    ],
    prepare: async (signal) => {
      screen.line('synthesizing the CDK app (node bin/keeper.ts)')
      await synthesize(assemblyDirectory, signal, options.search ? { search: 'true' } : {})
      screen.line('templates and bundles are ready')
    },
    read: async (engine) => {
      const market = process.env.KEEPA_API_KEY ? undefined : await startMarket()
      if (market) stops.push(() => market.close())
      screen.line(market ? `simulated market on ${market.url}` : "Keepa's own prices (KEEPA_API_KEY is set)")
      const places = placesOf(engine)
      const databaseUrl = addressOf(engine, 'postgres')
      const links = await heldPort('the public page', LINKS_PORT, screen.line)
      stops.push(() => links.release())
      const linkKeys = await localLinkKeys(stateDirectory)
      const template = keeperTemplate(await readApp(assemblyDirectory), places)
      return {
        template,
        variables: (variables) =>
          localVariables(variables, {
            bootstrapServers: places.bootstrapServers,
            databaseUrl,
            keepaBaseUrl: market?.url ?? process.env.KEEPA_BASE_URL ?? 'https://api.keepa.com',
            keepaApiKey: process.env.KEEPA_API_KEY ?? 'simulated-market',
            searchUrl: engine.addresses.opensearch,
            links: { url: `http://127.0.0.1:${links.port}/`, keys: linkKeys },
            mailConfigurationSet: template.mail?.configurationSets[0]?.name,
          }),
        marketUrl: market?.url ?? null,
        urlPort: links.release,
        hasLinks: true,
        serveConsole: () => serveConsole(run),
        everyMs: (functionId) => localEveryMs(template.functions.find(({ id }) => id === functionId)?.name),
        deployed: async () => {
          screen.line('topics created, migrations applied')
          const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
          pool.on('error', () => undefined)
          stops.push(() => pool.end())
          await mirrorTopics(engine, screen)
          const watches = market ? await seedDemoWatches(pool, market.catalogue.entries) : 0
          if (watches > 0)
            screen.line(`demo@keeper.example watches ${watches} products of the simulated market`)
          return pool
        },
        hints: (lambdaUrl) => [
          'Keeper runs. Ctrl-C stops it; data is kept for the next run (--fresh starts empty).',
          hint('database', databaseUrl),
          ...(engine.addresses.opensearch ? [hint('search', engine.addresses.opensearch)] : []),
          ...(engine.addresses.connect ? [hint('connect', engine.addresses.connect)] : []),
          hint('mail', `npm run keeper -- mail list (${join(stateDirectory, 'mail')})`),
          hint('check now', invokeCommand(lambdaUrl, 'price-check')),
          ...(options.everyMs || !options.schedules ? [] : [hint('live', 'npm run local -- --every 10s')]),
        ],
      }
    },
  }
}

/** Where this run has a Kafka Connect: its connectors, which read the topics that are there now. */
async function mirrorTopics({ kind, addresses }: Engine, screen: Screen): Promise<void> {
  const { connect, opensearch } = addresses
  if (connect === undefined || opensearch === undefined) return
  // In containers the worker is in the compose network.
  const sinkUrl = kind === 'compose' ? 'http://opensearch:9200' : opensearch
  await startMirror({ connectUrl: connect, searchUrl: opensearch, sinkUrl })
  screen.line('Kafka Connect mirrors the topics into OpenSearch (events-*)')
}

const CONSOLE_PORT = 8080

/** The same pages as `keeper console`, for the Keeper that runs here. */
async function serveConsole({ options, screen, stops, stateDirectory }: Run): Promise<string> {
  const wanted = options.ports.console
  const port = await (wanted === undefined
    ? portFor('the console', CONSOLE_PORT, screen.line)
    : fixedPort('console-port', wanted))
  const { url, close } = await startConsole({ keeper: () => findKeeper({ state: stateDirectory }), port })
  stops.push(close)
  return url
}
