import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KeeperError } from '../lambdas/core/errors.ts'
import type { Engine } from './engines/engine.ts'
import { commandLine } from './engines/process-table.ts'

/** What runs here, for other programs: `.local/run.json`. What is not there is null. */
export interface RunState {
  readonly pid: number
  readonly engine: Engine['kind']
  /** Bootstrap servers. */
  readonly kafka: string
  /** May read and write every table. */
  readonly databaseUrl: string
  readonly lambdaUrl: string
  readonly marketUrl: string | null
  readonly consoleUrl: string | null
}

/** The right to run in a state directory: one process at a time. */
export interface RunLock {
  /** Says what runs, once it does. */
  publish(state: Omit<RunState, 'pid'>): Promise<void>
  release(): Promise<void>
}

/**
 * Takes the right to run here. What a run left behind that was killed is taken over.
 * @throws KeeperError `already_running` saying where the other one is
 */
export async function takeRunLock(stateDirectory: string): Promise<RunLock> {
  await mkdir(stateDirectory, { recursive: true })
  const lockFile = join(stateDirectory, 'run.lock')
  const stateFile = join(stateDirectory, 'run.json')
  for (let tries = 0; !(await createdLock(lockFile)); tries += 1) {
    const pid = Number(await readFile(lockFile, 'utf8').catch(() => '0'))
    if (tries > 2 || (await isRun(pid))) throw alreadyRunning(pid, await readState(stateFile))
    await rm(lockFile, { force: true })
  }
  await rm(stateFile, { force: true })
  return {
    publish: async (state) => {
      // Renamed into place, so that nobody reads half of it.
      const partial = `${stateFile}.${process.pid}`
      await writeFile(partial, `${JSON.stringify({ pid: process.pid, ...state }, null, 2)}\n`)
      await rename(partial, stateFile)
    },
    release: async () => {
      await rm(stateFile, { force: true })
      await rm(lockFile, { force: true })
    },
  }
}

/** The state of the run in a directory, or undefined where none has published one. */
export async function readState(stateFile: string): Promise<RunState | undefined> {
  try {
    return JSON.parse(await readFile(stateFile, 'utf8')) as RunState
  } catch {
    return undefined
  }
}

async function createdLock(lockFile: string): Promise<boolean> {
  try {
    await writeFile(lockFile, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** A process number is given anew after its process has ended: only one that runs this program counts. */
async function isRun(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false
  return (await commandLine(pid))?.includes('run.ts') ?? false
}

function alreadyRunning(pid: number, state: RunState | undefined): KeeperError {
  const where = state
    ? `Kafka ${state.kafka}, Lambda API ${state.lambdaUrl}, database ${state.databaseUrl}`
    : 'it is still starting'
  return new KeeperError(
    'already_running',
    `Keeper already runs here, as process ${pid} (${where}). Stop it with Ctrl-C in its terminal, or \`kill ${pid}\`.`,
  )
}
