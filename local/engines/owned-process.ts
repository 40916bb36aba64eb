import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Environment } from '../../lambdas/core/environment.ts'
import { KeeperError } from '../../lambdas/core/errors.ts'
import { commandLine, waitForEnd } from './process-table.ts'

/** A long-running child process that this process started and will end. */
export interface OwnedProcess {
  readonly pid: number
  /** Settles when the process ended, whatever ended it; never rejects. */
  readonly exited: Promise<void>
  /** Ends it: the stop signal, a bounded wait, then SIGKILL. Does nothing where it already ended. */
  stop(): Promise<void>
}

/** What to start, and what tells it apart from other processes later. */
export interface OwnedProcessOptions {
  /** As the reader knows it: "Kafka". */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly environment: Environment
  readonly user?: { readonly uid: number; readonly gid: number }
  /** Its standard output and error; begun anew. */
  readonly logFile: string
  /** Remembers the process for a later run, should this one be killed. */
  readonly pidFile: string
  /** A part of its command line that no other program has: a path in the state folder. */
  readonly mark: string
  readonly stopSignal: 'SIGTERM' | 'SIGINT'
  readonly stopTimeoutMs: number
}

interface PidRecord {
  readonly pid: number
  readonly mark: string
  readonly ownerPid: number
  readonly ownerCommand: string
}

/**
 * Waits for the end of its input, which is the end of the process at the other side of the pipe, then ends the child:
 * whoever started it may be killed with SIGKILL and still leave nothing behind.
 */
const GUARD = `cat > /dev/null
kill -s "$2" "$1" || exit 0
tries=0
while [ $tries -lt 40 ] && kill -0 "$1"; do sleep 0.25; tries=$((tries + 1)); done
kill -s KILL "$1"`

/**
 * Starts a process in a group of its own, so that Ctrl-C in the terminal reaches only us: who ends it is decided here.
 * @throws KeeperError `process_not_started` where the program is not there or may not be run
 */
export async function startOwned(options: OwnedProcessOptions): Promise<OwnedProcess> {
  await mkdir(dirname(options.logFile), { recursive: true })
  const log = openSync(options.logFile, 'w')
  const child = spawn(options.command, options.args, {
    env: options.environment,
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
    ...options.user,
  })
  closeSync(log)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new KeeperError('process_not_started', `${options.name}: ${cause.message}`, { cause })),
    )
    child.once('spawn', () => resolve(child.pid ?? 0))
  })
  child.unref()

  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', String(pid), options.stopSignal.slice(3)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  guard.stdin.on('error', () => undefined)
  guard.unref()
  void exited.then(() => guard.kill('SIGKILL'))

  const record: PidRecord = {
    pid,
    mark: options.mark,
    ownerPid: process.pid,
    ownerCommand: (await commandLine(process.pid)) ?? '',
  }
  await writeFile(options.pidFile, JSON.stringify(record))

  let stopping: Promise<void> | undefined
  const end = async () => {
    child.ref()
    if (child.exitCode === null && child.signalCode === null) child.kill(options.stopSignal)
    const timer = setTimeout(() => child.kill('SIGKILL'), options.stopTimeoutMs)
    await exited
    clearTimeout(timer)
    await rm(options.pidFile, { force: true })
  }
  return {
    pid,
    exited,
    stop: () => {
      stopping ??= end()
      return stopping
    },
  }
}

/**
 * Ends the process that a killed run left behind, if its pid is still that process.
 * @returns whether there was one
 * @throws KeeperError `engine_already_running` where the process that started it is alive
 */
export async function endStale(pidFile: string): Promise<boolean> {
  const record = await readRecord(pidFile)
  if (!record) return false
  const isOurs = (await commandLine(record.pid))?.includes(record.mark) ?? false
  if (isOurs) {
    const owner = await commandLine(record.ownerPid)
    if (owner !== undefined && owner === record.ownerCommand) {
      throw new KeeperError(
        'engine_already_running',
        `Process ${record.ownerPid} (${owner}) already runs an engine on this state folder. Stop it first, or use another checkout.`,
      )
    }
    process.kill(record.pid, 'SIGTERM')
    if (!(await waitForEnd(record.pid, 10_000))) {
      process.kill(record.pid, 'SIGKILL')
      await waitForEnd(record.pid, 5_000)
    }
  }
  await rm(pidFile, { force: true })
  return isOurs
}

async function readRecord(pidFile: string): Promise<PidRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(pidFile, 'utf8')) as Partial<PidRecord>
    if (typeof record.pid !== 'number' || !record.mark) return undefined
    return {
      pid: record.pid,
      mark: record.mark,
      ownerPid: record.ownerPid ?? 0,
      ownerCommand: record.ownerCommand ?? '',
    }
  } catch {
    // Not there, or cut off in the middle of being written: it names no process.
    return undefined
  }
}
