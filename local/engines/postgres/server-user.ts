import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'

/** A user of this machine, by number. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/**
 * Whom Postgres runs as: undefined (us), or, where we are root, which Postgres refuses, the machine's `postgres` user,
 * else `nobody`. No user is added to the machine.
 * https://www.postgresql.org/docs/18/postgres-user.html
 */
export async function serverUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const account = ['postgres', 'nobody'].flatMap((name) => accounts.filter((fields) => fields[0] === name))[0]
  // 65534 is nobody on every Linux that lists no users at all.
  return { uid: Number(account?.[2] ?? 65534), gid: Number(account?.[3] ?? 65534) }
}

/**
 * Whether that user can get into a folder. Asked of the system itself, since a folder on the way may be closed (a
 * root's home is, on many machines) and permissions have more to them than mode bits.
 */
export function canEnter(folder: string, user: ServerUser | undefined): boolean {
  if (!user) return true
  return (
    spawnSync('/bin/sh', ['-c', 'test -r "$0" && test -x "$0"', folder], { ...user, cwd: '/' }).status === 0
  )
}
