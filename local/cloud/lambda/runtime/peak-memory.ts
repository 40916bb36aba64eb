import { readFileSync } from 'node:fs'

/**
 * The most memory that this process has had resident since it began, in KiB. On Linux as its kernel tells it of the
 * program alone: what getrusage says of a new process begins with the memory of the one that started it.
 * https://man7.org/linux/man-pages/man5/proc_pid_status.5.html (VmHWM)
 */
export function peakKibibytes(): number {
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : ''
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS)
}
