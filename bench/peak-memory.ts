import { readFileSync } from 'node:fs'

/**
 * The most memory that this process has had resident, in megabytes (1,000,000 bytes). On Linux as its kernel tells it of
 * the program alone: what getrusage says of a new process has its parent's in it.
 * https://man7.org/linux/man-pages/man5/proc_pid_status.5.html (VmHWM)
 */
export function peakMegabytes(): number {
  const kibibytes =
    process.platform === 'linux'
      ? Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
      : process.resourceUsage().maxRSS
  return (kibibytes * 1_024) / 1_000_000
}
