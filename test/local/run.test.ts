import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readAssembly } from '../../local/cloud/template/assembly.ts'
import { readTemplate } from '../../local/cloud/template/template.ts'
import { commandLine } from '../../local/engines/process-table.ts'
import { type RunState, readState } from '../../local/run-state.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type OwnBroker, ownBroker } from '../helpers/own-broker.ts'
import { descendants, listenersOf } from './processes.ts'
import { until } from './until.ts'

/** `npm run local` itself, with a broker and a database of this file's own: one run for most tests. */

const RUN = join(import.meta.dirname, '..', '..', 'local', 'run.ts')

let broker: OwnBroker
let database: FreshDatabase
let directory: string
let first: Program
let state: RunState

interface Program {
  readonly child: ChildProcess
  /** All that it has written, to both outputs. */
  said(): string
  /** Its exit code. */
  readonly ended: Promise<number | null>
}

const run = (stateDirectory: string, ...args: string[]): Program =>
  runOn({ kafka: broker.bootstrapServers, databaseUrl: database.url }, stateDirectory, ...args)

function runOn(
  { kafka, databaseUrl }: { readonly kafka: string; readonly databaseUrl: string },
  stateDirectory: string,
  ...args: string[]
): Program {
  const { KEEPA_API_KEY: _, ...environment } = process.env
  const child = spawn(process.execPath, [RUN, '--state', stateDirectory, '--engine', 'external', ...args], {
    env: {
      ...environment,
      KAFKA_BOOTSTRAP_SERVERS: kafka,
      DATABASE_URL: databaseUrl,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk
  })
  return { child, said: () => text, ended: once(child, 'close').then(([code]) => code as number | null) }
}

const stillThere = async (pids: readonly number[]) =>
  (await Promise.all(pids.map(commandLine))).filter((command) => command !== undefined)

/** What is answered to a request that names another host. */
async function statusOf(port: number, path: string, host: string): Promise<number | undefined> {
  const asked = request({ port, path, host: '127.0.0.1', headers: { host } })
  const [response] = (await once(asked.end(), 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}

beforeAll(async () => {
  ;[broker, database] = await Promise.all([ownBroker(), freshDatabase()])
  directory = await mkdtemp(join(tmpdir(), 'keeper-run-'))
  first = run(directory, '--every', '2s')
  const running = until(() => readState(join(directory, 'run.json')))
  const over = first.ended.then((code) => {
    throw new Error(`The run ended with ${code}:\n${first.said()}`)
  })
  state = await Promise.race([running, over])
})

afterAll(async () => {
  first?.child.kill('SIGINT')
  await first?.ended
  await rm(directory, { recursive: true, force: true })
  await database?.drop()
  await broker?.giveBack()
})

describe('npm run local', () => {
  test('says in run.json what runs', () => {
    expect(state).toEqual({
      pid: first.child.pid,
      engine: 'external',
      kafka: broker.bootstrapServers,
      databaseUrl: database.url,
      lambdaUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      awsUrl: state?.lambdaUrl,
      searchUrl: null,
      connectUrl: null,
      linksUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
      marketUrl: expect.stringMatching(/^http:\/\//),
      consoleUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#.{32}$/),
    })
  })

  test('runs every part of the CDK app', async () => {
    const template = readTemplate(
      await readAssembly(join(directory, 'cdk.out')),
      // A rule names a resource that is resolved only where it runs.
      () => undefined,
    )
    const nameOf = (id: string) => template.functions.find((found) => found.id === id)?.name
    expect(template.topics.map(({ name }) => name).sort()).toEqual(['deal-updates', 'price-updates'])
    const mappings = template.mappings.map(({ topic, functionId, consumerGroupId, startingPosition }) => [
      topic,
      nameOf(functionId),
      consumerGroupId,
      startingPosition,
    ])
    expect(mappings.sort()).toEqual([
      ['deal-updates', 'deal-consumer', 'keeper-consumer-group-deals', 'TRIM_HORIZON'],
      ['price-updates', 'price-consumer', 'keeper-consumer-group', 'TRIM_HORIZON'],
    ])
    expect(template.schedules.map(({ functionId }) => nameOf(functionId)).sort()).toEqual([
      'daily-deal-report',
      'deal-collector',
      'history-import',
      'maintenance',
      'notifier',
      'price-check',
      'price-check',
    ])
    expect(template.triggers.map(nameOf)).toContain('migrator')
    for (const { name } of template.functions) expect(name).toMatch(/^[a-z-]+$/)
  })

  test('moves prices from the market into price_history, again and again', async () => {
    const rows = async () => {
      const { rows } = await database.pool.query<{ count: number }>(
        'select count(*)::integer as count from price_history',
      )
      return rows[0]?.count ?? 0
    }
    await until(rows)
    // The market's prices stand still for a minute: the next run sends them again.
    await database.pool.query('delete from price_history')
    await until(rows)
    await until(() => first.said().includes('price-check has run'))
    expect(first.said().match(/price-check has run/g)).toHaveLength(1)
    expect(first.said()).not.toMatch(/failed|is waiting for Kafka|summary cannot|Warning/)
  })

  test('listens on this machine alone, and answers nobody who calls it by another name', async () => {
    const pids = [first.child.pid ?? 0, ...descendants(first.child.pid)]
    const listening = await listenersOf(pids)
    // The AWS APIs, the market, the console and the public page.
    expect(listening.length).toBeGreaterThanOrEqual(4)
    expect(listening.filter(({ address }) => !['127.0.0.1', '::1'].includes(address))).toEqual([])
    const { awsUrl, marketUrl, consoleUrl, linksUrl } = state
    const urls = [awsUrl, marketUrl, consoleUrl, linksUrl].map((url) => new URL(url ?? ''))
    expect(listening.map(({ port }) => port).toSorted()).toEqual(
      urls.map(({ port }) => Number(port)).toSorted(),
    )
    for (const { port } of urls) {
      for (const path of ['/', '/control', '/2015-03-31/functions/']) {
        const host = `rebound.example:${port}`
        expect([path, port, await statusOf(Number(port), path, host)]).toEqual([path, port, 403])
      }
    }
  })

  test('serves Lambda’s API', async () => {
    const url = `${state.lambdaUrl}/2015-03-31/functions/price-check/invocations`
    const response = await fetch(url, { method: 'POST' })
    expect([response.status, response.headers.get('x-amz-function-error')]).toEqual([200, null])
  })

  test('refuses a second run, and starts nothing for it', async () => {
    const second = run(directory)
    expect(await second.ended).toBe(1)
    expect(second.said()).toContain(
      `Keeper already runs here, as process ${first.child.pid} (Kafka localhost:`,
    )
    expect(second.said()).not.toContain('stopped')
    expect(await readState(join(directory, 'run.json'))).toEqual(state)
  })

  test('ends all that it started by Ctrl-C, which npm passes on a second time', async () => {
    const [other, ownDatabase] = await Promise.all([ownBroker(), freshDatabase()])
    const place = join(directory, 'ended')
    const program = runOn({ kafka: other.bootstrapServers, databaseUrl: ownDatabase.url }, place)
    try {
      const log = () => readFile(join(place, 'logs', 'price-check.log'), 'utf8').catch(() => '')
      await until(log)
      const started = descendants(program.child.pid)
      expect(started.length).toBeGreaterThanOrEqual(4)
      program.child.kill('SIGINT')
      await sleep(50)
      program.child.kill('SIGINT')
      expect([await program.ended, program.said()]).toEqual([0, expect.stringContaining('has stopped')])
      expect(await stillThere(started)).toEqual([])
      expect(['run.lock', 'run.json'].filter((name) => existsSync(join(place, name)))).toEqual([])
    } finally {
      program.child.kill('SIGKILL')
      await ownDatabase.drop()
      await other.giveBack()
    }
  })

  test('ends in the middle of its start by Ctrl-C, and leaves nothing', async () => {
    const place = join(directory, 'interrupted')
    const interrupted = run(place)
    await until(() => interrupted.said().includes('synthesizing'))
    const started = await until(() => {
      const pids = descendants(interrupted.child.pid)
      return pids.length > 0 && pids
    })
    interrupted.child.kill('SIGINT')
    expect(await interrupted.ended).toBe(0)
    expect(await stillThere(started)).toEqual([])
    expect(interrupted.said()).toContain('everything that this run started has stopped')
    expect(['run.lock', 'run.json'].filter((name) => existsSync(join(place, name)))).toEqual([])
  })

  test('tells its options and starts nothing for --help', async () => {
    const help = run(join(directory, 'help'), '--help')
    expect(await help.ended).toBe(0)
    expect(help.said()).toMatch(/^npm run local -- \[options\]/)
    expect(help.said()).not.toContain('stopped')
  })
})
