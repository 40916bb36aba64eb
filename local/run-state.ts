import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, KeeperError } from '../lambdas/core/errors.ts'
import type { Engine } from './engines/engine.ts'
import { commandLine } from './engines/process-table.ts'
import { withoutPassword } from './engines/readiness.ts'

/** What runs here, for other programs: `.local/run.json`. What is not there is null. */
export interface RunState {
  readonly pid: number
  readonly engine: Engine['kind']
  /** Bootstrap servers. */
  readonly kafka: string
  /** May read and write every table. */
  readonly databaseUrl: string | null
  /** Lambda's API. */
  readonly lambdaUrl: string
  /** Every AWS API that is spoken here: the same address. */
  readonly awsUrl: string
  readonly marketUrl: string | null
  /** With the key of its session in the fragment. */
  readonly consoleUrl: string | null
  readonly searchUrl: string | null
  readonly connectUrl: string | null
  readonly linksUrl: string | null
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
    const owner = await readOwner(lockFile)
    if (owner && (tries > 2 || (await isAlive(owner))))
      throw alreadyRunning(owner.pid, await readState(stateFile))
    await rm(lockFile, { force: true })
  }
  await rm(stateFile, { force: true })
  return {
    publish: async (state) => {
      // Renamed into place, so that nobody reads half of it.
      const partial = `${stateFile}.${process.pid}`
      // The console's address holds the key of its session, and the database's its password.
      await writeFile(partial, `${JSON.stringify({ pid: process.pid, ...state }, null, 2)}\n`, {
        mode: 0o600,
      })
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

/** Who holds a lock: a process number is given anew after its process has ended, so the command belongs to it. */
interface Owner {
  readonly pid: number
  readonly command: string
}

/** Linked into place, so that nobody reads half of it. */
async function createdLock(lockFile: string): Promise<boolean> {
  const owner: Owner = { pid: process.pid, command: (await commandLine(process.pid)) ?? '' }
  const draft = `${lockFile}.${process.pid}`
  await writeFile(draft, JSON.stringify(owner))
  try {
    await link(draft, lockFile)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/** Undefined where there is no lock, or what is there names nobody. */
async function readOwner(lockFile: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(lockFile, 'utf8')) as Partial<Owner> | null
    return Number.isInteger(owner?.pid) && owner?.command ? (owner as Owner) : undefined
  } catch {
    return undefined
  }
}

const isAlive = async ({ pid, command }: Owner): Promise<boolean> => (await commandLine(pid)) === command

function alreadyRunning(pid: number, state: RunState | undefined): KeeperError {
  const where = state
    ? `Kafka ${state.kafka}, Lambda API ${state.lambdaUrl}, database ${state.databaseUrl ? withoutPassword(state.databaseUrl) : 'none'}`
    : 'it is still starting'
  return new KeeperError(
    'already_running',
    `Keeper already runs here, as process ${pid} (${where}). Stop it with Ctrl-C in its terminal, or \`kill ${pid}\`.`,
  )
}
