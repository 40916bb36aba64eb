import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { KeeperError } from '../../../lambdas/core/errors.ts'
import { canEnter, type ServerUser } from './server-user.ts'

/**
 * Where the data folder really is. Normally `dir` itself. Where the server's user cannot get that far (a checkout in
 * root's closed home), it is a folder of our own under /var/tmp, and `dir` is a link to it: whoever deletes the link
 * has deleted the data, since a folder without its link is emptied here.
 * @param dir wanted place; its parent is made
 * @returns a path that the user can enter, which may not exist yet
 */
export async function dataPlace(dir: string, user: ServerUser | undefined): Promise<string> {
  await mkdir(dirname(dir), { recursive: true })
  if (canEnter(dirname(dir), user)) return dir
  const elsewhere = await outside(dir, user)
  const target = join(elsewhere, 'data')
  if ((await readlink(dir).catch(() => undefined)) === target) return target
  if (existsSync(dir)) {
    throw new KeeperError(
      'postgres_data_closed',
      `Postgres cannot read its data in ${dir}: a folder on the way there became closed to its user. Open it, or start with --fresh.`,
    )
  }
  await rm(target, { recursive: true, force: true })
  await rm(dir, { force: true })
  await symlink(target, dir)
  return target
}

/** Deletes a data folder, and the one that it is a link to. */
export async function eraseData(dir: string, user: ServerUser | undefined): Promise<void> {
  const target = await readlink(dir).catch(() => undefined)
  if (target !== undefined && target === join(outsideName(dir), 'data')) {
    await outside(dir, user)
    await rm(dirname(target), { recursive: true, force: true })
  }
  await rm(dir, { recursive: true, force: true })
}

/**
 * The server's programs as that user can run them: where node_modules is closed to it, a copy (60 MB, once a
 * version) outside.
 * @param native folder of the npm package with `bin`, `lib` and `share`
 */
export async function programPlace(
  native: string,
  version: string,
  user: ServerUser | undefined,
): Promise<string> {
  const real = await realpath(native)
  if (canEnter(join(real, 'bin'), user)) return real
  const elsewhere = await outside(real, user)
  const copy = join(elsewhere, `postgres-${version}`)
  if (existsSync(copy)) return copy
  const partial = `${copy}.partial-${process.pid}`
  await cp(real, partial, { recursive: true, verbatimSymlinks: true })
  await openToAll(partial)
  await rename(partial, copy).catch((error: unknown) => {
    if (!existsSync(copy)) throw error
  })
  await rm(partial, { recursive: true, force: true })
  return copy
}

/** What npm unpacked under a umask of its own (077, say) is closed to others, file by file. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await openToAll(path)
    else if (entry.isFile()) await chmod(path, (await lstat(path)).mode & 0o100 ? 0o755 : 0o644)
  }
}

/** A folder for `path` that only we can have made, below the temporary files that outlive a restart of the machine. */
async function outside(path: string, user: ServerUser | undefined): Promise<string> {
  const folder = outsideName(path)
  await mkdir(folder, { mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const entry = await lstat(folder)
  if (entry.isDirectory() && entry.uid === process.getuid?.()) {
    // The umask may have closed it to the others.
    await chmod(folder, 0o755)
    if (canEnter(folder, user)) return folder
  }
  throw new KeeperError(
    'postgres_place_taken',
    `${folder}, where Postgres would keep what ${path} cannot hold, is not a folder of ours that its user can enter. Remove it.`,
  )
}

const outsideName = (path: string): string => {
  const base = existsSync('/var/tmp') ? '/var/tmp' : tmpdir()
  const id = createHash('sha256').update(path).digest('hex').slice(0, 12)
  return join(base, `keeper-${basename(path)}-${id}`)
}

/** Makes an empty folder that the server's user owns. */
export async function makeOwned(folder: string, user: ServerUser | undefined): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { mode: 0o700 })
  if (user) await chown(folder, user.uid, user.gid)
}
