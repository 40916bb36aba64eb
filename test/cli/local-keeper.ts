import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunState, readState } from '../../local/run-state.ts'
import { until } from '../local/until.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** How a command ended, and what it wrote. */
export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly said: string
}

/** One `npm run local` without schedules, and the command against it. */
export interface LocalKeeper {
  /** Its state folder. */
  readonly directory: string
  readonly state: RunState
  /** Runs `keeper` without a terminal. */
  keeper(...args: string[]): Promise<Ran>
  /** Runs `keeper --json` and gives the document. */
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  json(...args: string[]): Promise<any>
  stop(): Promise<void>
}

/** Runs `keeper` without a terminal. */
export async function runKeeper(args: readonly string[], cwd = ROOT): Promise<Ran> {
  const { KEEPER_USER: _, ...env } = process.env
  const child = spawn(process.execPath, [join(ROOT, 'cli', 'main.ts'), ...args], {
    ...{ cwd, env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, said] = [child.stdout, child.stderr].map(async (stream) => {
    let text = ''
    for await (const chunk of stream) text += chunk
    return text
  })
  const [code] = await once(child, 'close')
  return { code, out: (await out) ?? '', said: (await said) ?? '' }
}

export async function localKeeper(bootstrapServers: string, databaseUrl: string): Promise<LocalKeeper> {
  const directory = await mkdtemp(join(tmpdir(), 'keeper-cli-'))
  const args = ['--state', directory, '--engine', 'external', '--no-schedules']
  const local: ChildProcess = spawn(process.execPath, [join(ROOT, 'local', 'run.ts'), ...args], {
    env: { ...process.env, KAFKA_BOOTSTRAP_SERVERS: bootstrapServers, DATABASE_URL: databaseUrl },
    stdio: 'ignore',
  })
  const state = await until(() => readState(join(directory, 'run.json')), 60_000)
  const keeper = (...given: string[]) => runKeeper(['--state', directory, ...given])
  return {
    directory,
    state,
    keeper,
    json: async (...given) => JSON.parse((await keeper('--json', ...given)).out),
    stop: async () => {
      local.kill('SIGINT')
      if (local.exitCode === null) await once(local, 'close')
      await rm(directory, { recursive: true, force: true })
    },
  }
}
