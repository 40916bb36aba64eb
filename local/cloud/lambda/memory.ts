import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** How often the memory of a process is looked at; asking `ps` takes a process of its own. */
const LOOK_MS = process.platform === 'linux' ? 50 : 500

/**
 * Looks at a process's memory until it is stopped, and calls `exceeded` once that is above the ceiling. All of it
 * counts, as on Lambda: Node itself, code, heap and buffers.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export function watchMemory(pid: number, ceilingMb: number, exceeded: () => void): { stop(): void } {
  let stopped = false
  let timer = setTimeout(look, LOOK_MS)
  async function look(): Promise<void> {
    const usedMb = await peakMb(pid)
    if (stopped) return
    if (usedMb !== undefined && usedMb > ceilingMb) exceeded()
    else timer = setTimeout(look, LOOK_MS)
  }
  return {
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** The most that a process has had resident; where only Linux would know, what it has now. Undefined once it is gone. */
async function peakMb(pid: number): Promise<number | undefined> {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    return megabytes(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1])
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  return megabytes(stdout.trim() || undefined)
}

const megabytes = (kilobytes: string | undefined): number | undefined =>
  kilobytes === undefined ? undefined : Math.ceil(Number(kilobytes) / 1024)

/**
 * How Lambda starts Node: a tenth of the memory for the young generation, the rest for the old one. So the heap's own
 * limit is met first only where the memory is large enough for all else.
 */
export function heapArguments(memoryMb: number): readonly string[] {
  const young = Math.floor(memoryMb / 10)
  return [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${memoryMb - young}`]
}
