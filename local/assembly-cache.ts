import { createHash, type Hash, randomUUID } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../lambdas/core/errors.ts'

/** What the templates and bundles are made from, beside the settings. */
const INPUTS = ['bin', 'lib', 'lambdas', 'migrations', 'package-lock.json', 'cdk.json', 'tsconfig.json']

/** As many are kept, those that were used last, with what killed runs have left. 20 MB each. */
const KEPT = 6

export interface CachedAssembly {
  /** The app's folder. */
  readonly root: string
  /** Where assemblies are kept, for every run of the app. */
  readonly cache: string
  /** What else the assembly depends on. */
  readonly settings: unknown
  /** Synthesizes the app into a directory, which does not exist. */
  readonly synthesize: (directory: string) => Promise<void>
}

/**
 * Fills a directory with the assembly of the files as they are now: from the cache where they were synthesized before,
 * with the same settings and the same Node, otherwise by `synthesize`.
 */
export async function cachedAssembly(
  directory: string,
  { root, cache, settings, synthesize }: CachedAssembly,
): Promise<void> {
  const cached = join(cache, await keyOf(root, settings))
  await rm(directory, { recursive: true, force: true })
  if (!(await isThere(cached))) {
    const made = `${cached}.${randomUUID()}`
    try {
      await synthesize(made)
      await rename(made, cached).catch((error: unknown) => {
        // Another run was faster.
        if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error
      })
    } finally {
      await rm(made, { recursive: true, force: true })
    }
    await forgetOldest(cache)
  }
  const now = new Date()
  await utimes(cached, now, now)
  // A copy: the run reads its functions' code for as long as it lasts, and others may clear the cache meanwhile.
  await cp(cached, directory, { recursive: true })
}

async function keyOf(root: string, settings: unknown): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([settings, process.version]))
  for (const input of INPUTS) await addTo(hash, root, input)
  return hash.digest('hex').slice(0, 32)
}

/** A file's name and content, or a folder's files. */
async function addTo(hash: Hash, root: string, name: string): Promise<void> {
  const path = join(root, name)
  if ((await stat(path)).isDirectory()) {
    for (const inside of (await readdir(path)).sort()) await addTo(hash, root, join(name, inside))
    return
  }
  const content = await readFile(path)
  hash.update(`${name}\0${content.length}\0`).update(content)
}

async function forgetOldest(cache: string): Promise<void> {
  const names = await readdir(cache)
  const used = await Promise.all(
    names.map(async (name) => ({ name, atMs: (await stat(join(cache, name))).mtimeMs })),
  )
  const oldest = used.toSorted((a, b) => b.atMs - a.atMs).slice(KEPT)
  for (const { name } of oldest) await rm(join(cache, name), { recursive: true, force: true })
}

async function isThere(path: string): Promise<boolean> {
  await mkdir(join(path, '..'), { recursive: true })
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return false
      throw error
    },
  )
}
