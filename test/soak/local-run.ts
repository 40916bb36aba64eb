import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RunState, readState } from '../../local/run-state.ts'
import { family, signal } from '../helpers/stoppable.ts'
import { until } from '../local/until.ts'
import type { Engines } from './engines.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const MOST_STARTS = 10

/** `npm run local`: every function of the template, the mappings and the local AWS, in processes of their own. */
export interface LocalRun {
  /** Starts it, again and again where an engine fails meanwhile. @throws Error with what it said */
  start(): Promise<void>
  /** SIGINT: as Ctrl-C. SIGKILL: nothing is put in order. */
  end(how: 'SIGINT' | 'SIGKILL'): Promise<void>
  /** Sends a signal to the run's own process. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** The processes of its functions. */
  functions(): Promise<readonly number[]>
  /** Invokes a function and waits for its answer. */
  invoke(name: string, timeoutMs: number): Promise<void>
  /** The `keeper` command against this run. @throws Error with what it said */
  keeper(...args: readonly string[]): Promise<void>
  /** What ended without being asked to, with its last lines. */
  readonly unexpected: readonly string[]
}

export function localRun({ keeperKafka, keeperDatabaseUrl }: Engines, directory: string): LocalRun {
  const { KEEPA_API_KEY: _, ...environment } = process.env
  const unexpected: string[] = []
  let child: ChildProcess | undefined
  let state: RunState | undefined
  let isEnding = false
  let output = ''

  async function startOnce(): Promise<boolean> {
    isEnding = false
    state = undefined
    output = ''
    const args = ['local/run.ts', '--state', directory, '--engine', 'external', '--no-schedules']
    const started = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...environment, KAFKA_BOOTSTRAP_SERVERS: keeperKafka, DATABASE_URL: keeperDatabaseUrl },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk).slice(-4_000)
      })
    }
    started.once('exit', (code, name) => {
      if (!isEnding && state) unexpected.push(`the run ended with ${code ?? name}: ${output}`)
    })
    await until(async () => {
      const found = await readState(join(directory, 'run.json'))
      if (found?.pid === started.pid) state = found
      return state || started.exitCode !== null || started.signalCode !== null
    }, 180_000)
    return state !== undefined
  }

  return {
    unexpected,
    start: async () => {
      for (let starts = 1; !(await startOnce()); starts += 1) {
        if (isEnding) return
        if (starts === MOST_STARTS) throw new Error(`The run does not start: ${output}`)
        await sleep(500)
      }
    },
    end: async (how) => {
      isEnding = true
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const over = once(child, 'exit')
      child.kill(how)
      await over
    },
    signal: (name) => child?.kill(name),
    functions: async () => (await family(child?.pid)).slice(1),
    invoke: async (name, timeoutMs) => {
      if (!state) throw new Error('The run is not there.')
      const response = await fetch(`${state.lambdaUrl}/2015-03-31/functions/${name}/invocations`, {
        ...{ method: 'POST', body: '{}' },
        signal: AbortSignal.timeout(timeoutMs),
      })
      const text = await response.text()
      if (response.headers.has('x-amz-function-error')) throw new Error(text)
    },
    keeper: async (...args) => {
      const command = spawn(process.execPath, ['cli/keeper.js', '--state', directory, '--yes', ...args], {
        ...{ cwd: ROOT, env: environment },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      command.stderr.on('data', (chunk: Buffer) => {
        said += chunk
      })
      const patience = setTimeout(() => command.kill('SIGKILL'), 60_000)
      const [code] = await once(command, 'close')
      clearTimeout(patience)
      if (code !== 0) throw new Error(`keeper ${args.join(' ')}: ${said || 'no answer'}`)
    },
  }
}

/** Ends processes as a crash does. */
export const kill = (pids: readonly number[]): void => signal(pids, 'SIGKILL')
