import { copyFile, mkdir, mkdtemp, readFile, realpath, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../../lambdas/core/environment.ts'
import { KeeperError } from '../../lambdas/core/errors.ts'
import { type CommandRunner, lastLines, runCommand } from './commands.ts'
import { javaEnvironment } from './java.ts'

/** The jars of one Java program, as its pom.xml lists them. */
export interface JarSet {
  /** Begins error codes and names its folder: `kafka`. */
  readonly name: string
  /** As the reader knows it: "Kafka". */
  readonly title: string
  readonly pom: string
  /** The artifact in the pom whose version is the program's. */
  readonly artifact: string
  readonly megabytes: number
}

const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** A first download over a slow line. */
const MAVEN_TIMEOUT_MS = 10 * 60_000

/** The program's version, as its pom.xml pins it. */
export async function versionOf({ name, pom, artifact }: JarSet): Promise<string> {
  const quoted = artifact.replaceAll('.', '\\.')
  const version = new RegExp(`<artifactId>${quoted}</artifactId>\\s*<version>([^<]+)<`).exec(
    await readFile(pom, 'utf8'),
  )?.[1]
  if (version) return version
  throw new KeeperError(`${name}_version_missing`, `${pom} names no version of ${artifact}.`)
}

/** The folder of the jars below `home`, or undefined where Maven has not brought those of today's pom.xml yet. */
export async function existingJars(set: JarSet, home: string): Promise<string | undefined> {
  const folder = join(home, `jars-${await versionOf(set)}`)
  const brought = await readFile(join(folder, 'pom.xml'), 'utf8').catch(() => undefined)
  // Java's class archive (class-archive.ts) fits only the very paths that it was made with.
  return brought === (await readFile(set.pom, 'utf8')) ? realpath(folder) : undefined
}

/**
 * The folder that jars are brought to: one of the user's own, for all state folders; without a home that can be
 * written to, the state's own. https://specifications.freedesktop.org/basedir-spec/latest/ (XDG_CACHE_HOME)
 */
export async function jarsHome(set: JarSet, stateFolder: string, environment: Environment): Promise<string> {
  // An earlier version brought them there.
  if ((await existingJars(set, stateFolder)) !== undefined) return stateFolder
  const { XDG_CACHE_HOME: cache, HOME: home } = environment
  const base = cache || (home && join(home, '.cache'))
  if (!base) return stateFolder
  const folder = join(base, 'keeper-local', set.name)
  return mkdir(folder, { recursive: true }).then(
    () => folder,
    () => stateFolder,
  )
}

/**
 * Has Maven bring a program's jars, once per version. They appear under their name only when they are all there, so an
 * interrupted download is never taken for a whole one, and two programs may bring them at the same time.
 * @returns the folder of the jars
 * @throws KeeperError `<name>_jars_failed` with Maven's last lines
 */
export async function bringJars(
  set: JarSet,
  home: string,
  environment: Environment,
  progress: (line: string) => void,
  run: CommandRunner = runCommand,
): Promise<string> {
  const existing = await existingJars(set, home)
  if (existing) return existing
  const version = await versionOf(set)
  const folder = join(home, `jars-${version}`)
  progress(`Downloading ${set.title} ${version} with Maven (${set.megabytes} MB, once).`)
  await mkdir(home, { recursive: true })
  const partial = await mkdtemp(`${folder}.partial-`)
  try {
    const args = ['-q', '-B', '-f', set.pom, COPY_DEPENDENCIES, `-DoutputDirectory=${partial}`]
    const result = await run('mvn', args, {
      environment: javaEnvironment(environment),
      timeoutMs: MAVEN_TIMEOUT_MS,
    })
    if (result.outcome !== 'exited' || result.code !== 0) throw mavenFailed(set, args, result)
    await copyFile(set.pom, join(partial, 'pom.xml'))
    await putInPlace(set, partial, folder, home)
    return await realpath(folder)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

/** Another program may have put the same jars there meanwhile; those of another pom.xml are replaced. */
async function putInPlace(set: JarSet, partial: string, folder: string, home: string): Promise<void> {
  try {
    await rename(partial, folder)
  } catch {
    // A folder that is not empty is never renamed over.
    if (await existingJars(set, home)) return
    await rm(folder, { recursive: true, force: true })
    await rename(partial, folder)
  }
}

const mavenFailed = (
  { name, title }: JarSet,
  args: readonly string[],
  result: Awaited<ReturnType<CommandRunner>>,
): KeeperError => {
  const said =
    result.outcome === 'exited'
      ? `It said last:\n${lastLines(`${result.stdout}\n${result.stderr}`, 8)}`
      : result.outcome === 'timed-out'
        ? `It did not end within ${MAVEN_TIMEOUT_MS / 60_000} minutes.`
        : 'There is no mvn on PATH.'
  return new KeeperError(
    `${name}_jars_failed`,
    `Maven could not bring ${title}'s jars. ${said}\nCheck that Maven reaches its repository (https://repo.maven.apache.org, or the mirror in ~/.m2/settings.xml), then start again. The same by hand: mvn ${args.join(' ')}`,
    { retriable: true },
  )
}
