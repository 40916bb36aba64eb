import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { endStale, startOwned } from '../../../local/engines/owned-process.ts'
import { commandLine, waitForEnd } from '../../../local/engines/process-table.ts'
import { ownDir } from '../../helpers/stoppable.ts'
import { until } from '../until.ts'

/** The pid of no process: above the largest that Linux gives. */
const NO_PID = 4_194_305

let dir: string
let pidFile: string
const children: ChildProcess[] = []
beforeEach(async () => {
  dir = await ownDir('owned')
  pidFile = join(dir, 'child.pid')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

const options = (script: string) => ({
  name: 'Child',
  command: '/bin/sh',
  args: ['-c', script, dir],
  environment: process.env,
  logFile: join(dir, 'child.log'),
  pidFile,
  mark: dir,
  stopSignal: 'SIGTERM' as const,
  stopTimeoutMs: 500,
})

const logged = () => readFile(join(dir, 'child.log'), 'utf8')

const leftBehind = (...args: string[]): number => {
  const child = spawn('/bin/sh', ['-c', 'sleep 60; :', ...args], { stdio: 'ignore' })
  children.push(child)
  return child.pid ?? 0
}

describe('startOwned', () => {
  test('keeps the output in the log, and the pid for a later run', async () => {
    const child = await startOwned(options('echo said; sleep 60; :'))
    expect(JSON.parse(await readFile(pidFile, 'utf8'))).toMatchObject({ pid: child.pid, mark: dir })
    await until(logged)
    await child.stop()
    expect(await logged()).toBe('said\n')
  })

  test('ends the child and forgets it', async () => {
    const child = await startOwned(options('exec sleep 60'))
    await child.stop()
    expect(await commandLine(child.pid)).toBeUndefined()
    expect(existsSync(pidFile)).toBe(false)
  })

  test('kills a child that does not hear the stop signal', async () => {
    const child = await startOwned(options('trap "" TERM; echo ready; while :; do sleep 0.1; done'))
    await until(logged)
    await child.stop()
    expect(await commandLine(child.pid)).toBeUndefined()
  })

  test('stops a child that has ended already', async () => {
    const child = await startOwned(options('exit 3'))
    await child.exited
    await child.stop()
    expect(existsSync(pidFile)).toBe(false)
  })

  test('names a program that is not there', async () => {
    await expect(startOwned({ ...options(''), command: join(dir, 'none') })).rejects.toMatchObject({
      code: 'process_not_started',
      message: expect.stringContaining('Child: spawn'),
    })
  })
})

describe('endStale', () => {
  test('ends the process that a killed run left behind', async () => {
    const pid = leftBehind(dir)
    await writeFile(pidFile, JSON.stringify({ pid, mark: dir, ownerPid: NO_PID, ownerCommand: 'node' }))
    expect(await endStale(pidFile)).toBe(true)
    expect(await waitForEnd(pid, 60_000)).toBe(true)
    expect(existsSync(pidFile)).toBe(false)
  })

  test("leaves another program alone that has the dead one's pid now", async () => {
    const pid = leftBehind('/somewhere/else')
    await writeFile(pidFile, JSON.stringify({ pid, mark: dir, ownerPid: NO_PID, ownerCommand: 'node' }))
    expect(await endStale(pidFile)).toBe(false)
    expect(await commandLine(pid)).toContain('/somewhere/else')
  })

  test('refuses where the run that started it is alive', async () => {
    const pid = leftBehind(dir)
    const owner = { ownerPid: process.pid, ownerCommand: await commandLine(process.pid) }
    await writeFile(pidFile, JSON.stringify({ pid, mark: dir, ...owner }))
    await expect(endStale(pidFile)).rejects.toMatchObject({ code: 'engine_already_running' })
    expect(await commandLine(pid)).toContain(dir)
  })

  test('finds nothing where no pid file is, or one that was cut short', async () => {
    expect(await endStale(pidFile)).toBe(false)
    await writeFile(pidFile, '{"pid":12')
    expect(await endStale(pidFile)).toBe(false)
  })
})
