import { spawnSync } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../../lambdas/core/environment.ts'
import { ownDir } from './stoppable.ts'

/** What a script of ours needs to run at all. */
const BASICS = ['sh', 'cat', 'sleep', 'env', 'dirname', 'basename', 'uname', 'ls', 'expr', 'sed', 'tr']

/** Programs that stand in for others: a shell script by name, or `real` for the machine's own. */
export type Programs = Readonly<Record<string, string>>

/**
 * An environment in which no program is found but those that are given: a machine that lacks the others.
 * @param programs body of a shell script by the program's name; `real` is a link to this machine's
 */
export async function machineWith(programs: Programs): Promise<Environment & { readonly PATH: string }> {
  const bin = join(await ownDir('machine'), 'bin')
  await mkdir(bin)
  for (const name of BASICS) await link(name, bin)
  for (const [name, script] of Object.entries(programs)) {
    if (script === 'real') {
      await link(name, bin)
      continue
    }
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(bin, name), 0o755)
  }
  // What the user's own runs have downloaded is not there either.
  return { PATH: bin, HOME: process.env.HOME, XDG_CACHE_HOME: join(bin, '..', 'cache'), LANG: 'C' }
}

async function link(name: string, bin: string): Promise<void> {
  const found = spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()
  if (found) await symlink(found, join(bin, name))
}
