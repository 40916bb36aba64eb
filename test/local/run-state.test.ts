import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { waitForEnd } from '../../local/engines/process-table.ts'
import { type RunState, readState, takeRunLock } from '../../local/run-state.ts'

const published: Omit<RunState, 'pid'> = {
  engine: 'embedded',
  kafka: 'localhost:9092',
  databaseUrl: 'postgresql://localhost:5432/keeper',
  lambdaUrl: 'http://127.0.0.1:3001',
  awsUrl: 'http://127.0.0.1:3001',
  searchUrl: null,
  connectUrl: null,
  linksUrl: null,
  marketUrl: null,
  consoleUrl: null,
}

let directory: string
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'keeper-state-')), 'new', 'state')
})
afterEach(() => rm(join(directory, '..', '..'), { recursive: true, force: true }))

describe('the lock of a run', () => {
  test('publishes what runs, and takes it back when released', async () => {
    const lock = await takeRunLock(directory)
    await lock.publish(published)
    expect(JSON.parse(await readFile(join(directory, 'run.json'), 'utf8'))).toEqual({
      pid: process.pid,
      ...published,
    })
    await lock.release()
    expect(await readdir(directory)).toEqual([])
    await (await takeRunLock(directory)).release()
  })

  test('refuses a second run, saying where the first is', async () => {
    const lock = await takeRunLock(directory)
    await expect(takeRunLock(directory)).rejects.toMatchObject({
      code: 'already_running',
      message: expect.stringContaining(`as process ${process.pid} (it is still starting)`),
    })
    await lock.publish(published)
    await expect(takeRunLock(directory)).rejects.toThrow(
      `as process ${process.pid} (Kafka localhost:9092, Lambda API http://127.0.0.1:3001, database postgresql://`,
    )
    expect(await readState(join(directory, 'run.json'))).toMatchObject(published)
    await lock.release()
  })

  test('is given to one of several who want it at the same time', async () => {
    const locks = await Promise.allSettled(Array.from({ length: 8 }, () => takeRunLock(directory)))
    expect(locks.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test.each([
    [
      'a process that has ended',
      async () => JSON.stringify({ pid: await endedPid(), command: 'node local/run.ts' }),
    ],
    [
      'a process whose number another program has now',
      async () => JSON.stringify({ pid: process.ppid, command: 'node local/run.ts' }),
    ],
    ['nobody: it is empty', async () => ''],
    ['nobody: it is no JSON', async () => '{"pid":'],
    ['nobody: it is null', async () => 'null'],
  ])('of %s is taken over, and its state is gone', async (_, content) => {
    await (await takeRunLock(directory)).release()
    await writeFile(join(directory, 'run.lock'), await content())
    await writeFile(join(directory, 'run.json'), JSON.stringify({ pid: 1, ...published }))
    const lock = await takeRunLock(directory)
    expect(await readState(join(directory, 'run.json'))).toBeUndefined()
    await lock.release()
  })
})

async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await waitForEnd(child.pid ?? 0, 60_000)
  return child.pid ?? 0
}
