import { copyFile, mkdir, mkdtemp, readFile, realpath, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../../../lambdas/core/environment.ts'
import { KeeperError } from '../../../lambdas/core/errors.ts'
import { type CommandRunner, lastLines, runCommand } from '../commands.ts'
import { javaEnvironment } from './java.ts'

const POM = join(import.meta.dirname, 'pom.xml')
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** A first download of 43 MB over a slow line. */
const MAVEN_TIMEOUT_MS = 10 * 60_000

/** Kafka's version, as pom.xml pins it. */
export async function kafkaVersion(): Promise<string> {
  const version = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(
    await readFile(POM, 'utf8'),
  )?.[1]
  if (version) return version
  throw new KeeperError('kafka_version_missing', `${POM} names no version of kafka_2.13.`)
}

/** The folder of the jars below `kafkaDir`, or undefined where Maven has not brought those of today's pom.xml yet. */
export async function existingJars(kafkaDir: string): Promise<string | undefined> {
  const folder = join(kafkaDir, `jars-${await kafkaVersion()}`)
  const brought = await readFile(join(folder, 'pom.xml'), 'utf8').catch(() => undefined)
  // Java's class archive (class-archive.ts) fits only the very paths that it was made with.
  return brought === (await readFile(POM, 'utf8')) ? realpath(folder) : undefined
}

/**
 * The folder that jars are brought to: one of the user's own, for all state folders; without a home that can be
 * written to, the state's own. https://specifications.freedesktop.org/basedir-spec/latest/ (XDG_CACHE_HOME)
 */
export async function jarsHome(stateKafkaDir: string, environment: Environment): Promise<string> {
  // An earlier version brought them there.
  if ((await existingJars(stateKafkaDir)) !== undefined) return stateKafkaDir
  const { XDG_CACHE_HOME: cache, HOME: home } = environment
  const base = cache || (home && join(home, '.cache'))
  if (!base) return stateKafkaDir
  const folder = join(base, 'keeper-local', 'kafka')
  return mkdir(folder, { recursive: true }).then(
    () => folder,
    () => stateKafkaDir,
  )
}

/**
 * Has Maven bring Kafka's jars, once per version. They appear under their name only when they are all there, so an
 * interrupted download is never taken for a whole one, and two programs may bring them at the same time.
 * @returns the folder of the jars
 * @throws KeeperError `kafka_jars_failed` with Maven's last lines
 */
export async function bringJars(
  kafkaDir: string,
  environment: Environment,
  progress: (line: string) => void,
  run: CommandRunner = runCommand,
): Promise<string> {
  const existing = await existingJars(kafkaDir)
  if (existing) return existing
  const version = await kafkaVersion()
  const folder = join(kafkaDir, `jars-${version}`)
  progress(`Downloading Kafka ${version} with Maven (43 MB, once).`)
  await mkdir(kafkaDir, { recursive: true })
  const partial = await mkdtemp(`${folder}.partial-`)
  try {
    const args = ['-q', '-B', '-f', POM, COPY_DEPENDENCIES, `-DoutputDirectory=${partial}`]
    const result = await run('mvn', args, {
      environment: javaEnvironment(environment),
      timeoutMs: MAVEN_TIMEOUT_MS,
    })
    if (result.outcome !== 'exited' || result.code !== 0) throw mavenFailed(args, result)
    await copyFile(POM, join(partial, 'pom.xml'))
    await putInPlace(partial, folder, kafkaDir)
    return await realpath(folder)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

/** Another program may have put the same jars there meanwhile; those of another pom.xml are replaced. */
async function putInPlace(partial: string, folder: string, kafkaDir: string): Promise<void> {
  try {
    await rename(partial, folder)
  } catch {
    // A folder that is not empty is never renamed over.
    if (await existingJars(kafkaDir)) return
    await rm(folder, { recursive: true, force: true })
    await rename(partial, folder)
  }
}

const mavenFailed = (args: readonly string[], result: Awaited<ReturnType<CommandRunner>>): KeeperError => {
  const said =
    result.outcome === 'exited'
      ? `It said last:\n${lastLines(`${result.stdout}\n${result.stderr}`, 8)}`
      : result.outcome === 'timed-out'
        ? `It did not end within ${MAVEN_TIMEOUT_MS / 60_000} minutes.`
        : 'There is no mvn on PATH.'
  return new KeeperError(
    'kafka_jars_failed',
    `Maven could not bring Kafka's jars. ${said}\nCheck that Maven reaches its repository (https://repo.maven.apache.org, or the mirror in ~/.m2/settings.xml), then start again. The same by hand: mvn ${args.join(' ')}`,
    { retriable: true },
  )
}
