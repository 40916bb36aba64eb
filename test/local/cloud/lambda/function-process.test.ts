import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { commandLine, waitForEnd } from '../../../../local/engines/process-table.ts'

const PARENT = join(import.meta.dirname, '..', 'fixtures', 'parent.ts')

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keeper-parent-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** A process with a function's process that handles an invocation. */
async function parentAndFunction() {
  const parent = spawn(process.execPath, [PARENT, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output] = await once(parent.stdout, 'data')
  return { parent, pid: Number(output) }
}

describe("a function's process", () => {
  test('ends when the one that started it is killed', async () => {
    const { parent, pid } = await parentAndFunction()
    expect(await commandLine(pid)).toContain('keeper/runtime-')
    parent.kill('SIGKILL')
    expect(await waitForEnd(pid, 60_000)).toBe(true)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('does not end by a %s of its own', async (signal) => {
    const { parent, pid } = await parentAndFunction()
    process.kill(pid, signal)
    await sleep(300)
    expect(await commandLine(pid)).toContain('keeper/runtime-')
    parent.kill('SIGKILL')
    await waitForEnd(pid, 60_000)
  })
})
