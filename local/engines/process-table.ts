import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/**
 * The command line of a running process, arguments separated by blanks; undefined where no such process runs. A
 * process that ended and was not yet collected (a zombie) has none, so it does not count as running.
 */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (pid <= 0) return undefined
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return text.replaceAll('\0', ' ').trim() || undefined
  }
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(
    () => ({ stdout: '' }),
  )
  const command = stdout.trim()
  return command && !command.endsWith('<defunct>') ? command : undefined
}

/** The command lines of all processes that this user may see. */
export async function commandLines(): Promise<readonly string[]> {
  if (process.platform === 'linux') {
    const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
    const lines = await Promise.all(pids.map(commandLine))
    return lines.filter((line) => line !== undefined)
  }
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'command='], {
    maxBuffer: 64 * 1024 * 1024,
  }).catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter(Boolean)
}

/** Whether a process ended within `timeoutMs`. */
export async function waitForEnd(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  while (Date.now() < deadline) {
    if ((await commandLine(pid)) === undefined) return true
    await sleep(50)
  }
  return false
}
