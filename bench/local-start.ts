import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import * as ENVIRONMENT from '../lambdas/core/environment-names.ts'
import { startEngine } from '../local/engines/start-engine.ts'
import { readState } from '../local/run-state.ts'
import { type Group, type Sample, timed } from './measure.ts'

const RUN = join(import.meta.dirname, '..', 'local', 'run.ts')
const MAX_WAIT_MS = 120_000
const MINUTE_MS = 60_000

/** What `npm run local` takes until it has stored a price, beside the start of its Kafka and Postgres alone. */
export async function localStartBenches(): Promise<Group> {
  const directory = await mkdtemp(join(tmpdir(), 'keeper-bench-'))
  let rows = 0
  let storedMinute = 0

  /** How long the market's prices stay those that are stored: they stand still for a minute. */
  const stillMs = () => (minuteNow() > storedMinute ? 0 : MINUTE_MS - (Date.now() % MINUTE_MS))

  const engines = async (): Promise<Sample> => {
    const options = {
      stateDir: join(directory, 'engines'),
      kind: 'embedded',
      services: ['kafka', 'postgres'],
      fresh: true,
      environment: process.env,
      progress: () => undefined,
    } as const
    let engine: Awaited<ReturnType<typeof startEngine>> | undefined
    const ms = await timed(async () => {
      engine = await startEngine(options)
    })
    await engine?.stop()
    return aStart(ms)
  }
  const local = (data: 'fresh' | 'kept') => async (): Promise<Sample> => {
    const state = join(directory, 'local')
    const before = data === 'fresh' ? 0 : rows
    if (data === 'kept') await sleep(stillMs())
    const start = performance.now()
    const program = startLocal(state, data === 'fresh' ? ['--fresh'] : [])
    try {
      rows = await moreRowsThan(before, join(state, 'run.json'), program)
      storedMinute = minuteNow()
      return aStart(performance.now() - start)
    } finally {
      program.kill('SIGINT')
      if (program.exitCode === null) await once(program, 'close')
    }
  }
  return {
    benches: [
      {
        group: 'local-start',
        name: 'npm run local',
        what: 'starts an hour, one after the other (3,600 / seconds); of `npm run local` until a price of this start is stored',
        input: 'embedded engines whose jars are there; the schedules fire once at the start',
        unit: 'starts/h',
        peers: [
          { name: 'Kafka and Postgres alone, empty', run: engines },
          { name: 'npm run local --fresh', run: local('fresh') },
          { name: 'npm run local, with the data of earlier runs', run: local('kept') },
        ],
      },
    ],
    close: () => rm(directory, { recursive: true, force: true }),
  }
}

const minuteNow = (): number => Math.floor(Date.now() / MINUTE_MS)

const aStart = (ms: number): Sample => ({ units: 3_600, ms })

function startLocal(state: string, args: readonly string[]): ChildProcess {
  const environment = { ...process.env }
  for (const name of [ENVIRONMENT.databaseUrl, ENVIRONMENT.bootstrapServers, ENVIRONMENT.keepaApiKey]) {
    delete environment[name]
  }
  return spawn(process.execPath, [RUN, '--engine', 'embedded', '--state', state, ...args], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Waits until the run's history has more rows than so many, and gives their number. */
async function moreRowsThan(before: number, stateFile: string, program: ChildProcess): Promise<number> {
  const deadline = performance.now() + MAX_WAIT_MS
  let client: pg.Client | undefined
  try {
    while (performance.now() < deadline) {
      if (program.exitCode !== null) throw new Error(`npm run local ended with ${program.exitCode}.`)
      const databaseUrl = (await readState(stateFile))?.databaseUrl
      if (databaseUrl && !client) {
        client = new pg.Client({ connectionString: databaseUrl })
        await client.connect()
      }
      const answer = await client?.query<{ rows: number }>(
        'select count(*)::integer as rows from price_history',
      )
      const rows = answer?.rows[0]?.rows ?? 0
      if (rows > before) return rows
      await sleep(25)
    }
    throw new Error(`No price was stored within ${MAX_WAIT_MS / 1000} s.`)
  } finally {
    await client?.end()
  }
}
