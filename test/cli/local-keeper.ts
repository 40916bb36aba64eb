import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readState } from '../../local/run-state.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import { ownBroker } from '../helpers/own-broker.ts'
import { until } from '../local/until.ts'
import { type Done, keeperHere } from './in-process.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** Synthesizing and migrating take seconds, and longer where other tests run. */
const START_MS = 120_000

/** Those of the price and the deal consumer. */
const CONSUMER_GROUPS = 2

/** One `npm run local` without schedules, with a broker and a database that it has alone, and the command for it. */
export interface LocalKeeper {
  /** Runs `keeper` without a terminal, in this process. */
  keeper(...args: string[]): Promise<Done>
  /** The same as a process, with something piped in. */
  piped(input: string, ...args: string[]): Promise<Done>
  /** What `keeper --json` prints. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever a test looks for in it
  json(...args: string[]): Promise<any>
  /** Runs `keeper --stage dev`, as for a deployed stage, with this run in AWS's place, or what stands before it. */
  ofStage(awsUrl: string, ...args: string[]): Promise<Done>
  /** Starts `keeper` and leaves it running. */
  start(...args: string[]): ChildProcess
  /** The state folder. */
  readonly directory: string
  readonly awsUrl: string
  /** Of the run itself. */
  readonly pid: number | undefined
  /** With which the run signs in to Postgres; no other run has it. */
  readonly password: string
  readonly database: FreshDatabase
  readonly kafka: TestKafka
  close(): Promise<void>
}

/** Engines of a test's own, which it stops and starts; the test disposes of them. */
export interface OwnEngines {
  readonly bootstrapServers: string
  readonly databaseUrl: string
}

/** Runs `keeper` as a process, without a terminal, in a folder. */
export function runKeeper(given: readonly string[], cwd = ROOT): Promise<Done> {
  const { KEEPER_USER: _, ...env } = process.env
  const child = spawn(process.execPath, [join(ROOT, 'cli', 'keeper.js'), ...given], {
    ...{ cwd, env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return done(child)
}

async function done(child: ChildProcess): Promise<Done> {
  const [out, said] = [child.stdout, child.stderr].map(async (stream) => {
    let text = ''
    for await (const chunk of stream ?? []) text += chunk
    return text
  })
  const [code] = await once(child, 'close')
  return { code, out: (await out) ?? '', said: (await said) ?? '' }
}

/** Starts one on engines, and gives its state folder and address. */
export async function startLocal({ bootstrapServers, databaseUrl }: OwnEngines) {
  const directory = await mkdtemp(join(tmpdir(), 'keeper-cli-'))
  const args = ['--state', directory, '--engine', 'external', '--no-schedules']
  const local = spawn(process.execPath, [join(ROOT, 'local', 'run.ts'), ...args], {
    env: { ...process.env, KAFKA_BOOTSTRAP_SERVERS: bootstrapServers, DATABASE_URL: databaseUrl },
    stdio: 'ignore',
  })
  const stop = async () => {
    local.kill('SIGINT')
    if (local.exitCode === null) await once(local, 'close')
    await rm(directory, { recursive: true, force: true })
  }
  const { awsUrl } = await until(() => readState(join(directory, 'run.json')), START_MS).catch(
    async (error: unknown) => {
      await stop()
      throw error
    },
  )
  const keeper = (...given: string[]) => keeperHere(['--state', directory, ...given])
  // biome-ignore lint/suspicious/noExplicitAny: whatever a test looks for in it
  const json = async (...given: string[]): Promise<any> => JSON.parse((await keeper('--json', ...given)).out)
  return { directory, awsUrl, pid: local.pid, stop, keeper, json }
}

export async function localKeeper(): Promise<LocalKeeper> {
  const [broker, database] = await Promise.all([ownBroker(), freshDatabase()])
  const kafka = await testKafka(broker.bootstrapServers)
  const password = randomBytes(16).toString('hex')
  const user = `local_${password.slice(0, 8)}`
  await database.pool.query(`create role ${user} superuser login password '${password}'`)
  const url = Object.assign(new URL(database.url), { username: user, password })
  const engines = { bootstrapServers: broker.bootstrapServers, databaseUrl: url.href }
  const disconnect = async () => {
    await kafka.close()
    // What the run has made is the database's own user's from now on.
    await database.pool.query(`reassign owned by ${user} to current_user; drop role ${user}`)
    await database.drop()
    await broker.giveBack()
  }
  const local = await startLocal(engines).catch(async (error: unknown) => {
    await disconnect()
    throw error
  })
  const { directory, awsUrl, pid, keeper, json } = local
  const close = async () => {
    await local.stop()
    await disconnect()
  }
  // Tests ask for the groups: they are there once the mappings have joined.
  const hasGroups = () =>
    kafka.admin.listGroups().then(
      ({ groups }) => groups.length >= CONSUMER_GROUPS,
      // A broker that has just started may still be loading them.
      () => false,
    )
  await until(hasGroups, START_MS).catch(async (error: unknown) => {
    await close()
    throw error
  })

  const run = (given: readonly string[], variables: Readonly<Record<string, string>> = {}, input = '') => {
    const { KEEPER_USER: _, ...env } = process.env
    const child = spawn(process.execPath, [join(ROOT, 'cli', 'keeper.js'), ...given], {
      env: { ...env, ...variables },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    // A command that reads nothing may have ended.
    child.stdin.on('error', () => undefined).end(input)
    return child
  }
  const start = (...given: string[]) => run(['--state', directory, ...given])
  return {
    piped: (input, ...given) => done(run(['--state', directory, ...given], {}, input)),
    ...{ keeper, json, start, close, directory, awsUrl, pid, password, database, kafka },
    ofStage: (endpoint, ...given) =>
      done(
        run(['--stage', 'dev', ...given], {
          ...{ AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1' },
          ...{ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
        }),
      ),
  }
}
