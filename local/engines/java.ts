import { join } from 'node:path'
import type { Environment } from '../../lambdas/core/environment.ts'
import { type CommandRunner, lastLines, runCommand } from './commands.ts'

/** The oldest Java that Kafka 4's broker runs on. https://kafka.apache.org/41/getting-started/compatibility/ */
const OLDEST_JAVA = 17

/** Java reads its arguments, and names files, in the locale's encoding: a path may hold any character. */
export const javaEnvironment = (environment: Environment): Environment => ({
  ...environment,
  LC_ALL: 'C.UTF-8',
})

/** A Java that was found. */
export interface Java {
  readonly command: string
  /** As it names itself: `17.0.15`. */
  readonly version: string
}

/** What is missing and how to get it, in a sentence or two for the reader. */
export interface Missing {
  readonly missing: string
}

/** Java 17 or later: the one of JAVA_HOME where that is set, else the first on PATH. */
export async function findJava(
  environment: Environment,
  run: CommandRunner = runCommand,
): Promise<Java | Missing> {
  const home = environment.JAVA_HOME
  const command = home ? join(home, 'bin', 'java') : 'java'
  const where = home ? `JAVA_HOME (${home})` : 'PATH'
  const get = `Install one, for example \`apt-get install openjdk-17-jre-headless\`, \`brew install openjdk\` or https://adoptium.net.`
  const found = await askJava(command, environment, run)
  if (found === 'silent') {
    return { missing: `Java ${OLDEST_JAVA} or later: \`${command} -version\` does not answer.` }
  }
  if (found === 'missing')
    return { missing: `Java ${OLDEST_JAVA} or later: there is none on ${where}. ${get}` }
  if (majorOf(found.version) >= OLDEST_JAVA) return found
  return {
    missing: `Java ${OLDEST_JAVA} or later: the one on ${where} is ${found.version || 'of an unknown version'}. ${get}`,
  }
}

/** A Java's own answer. Its version is empty if it names none. */
export async function askJava(
  command: string,
  environment: Environment,
  run: CommandRunner,
): Promise<Java | 'missing' | 'silent'> {
  const result = await run(command, ['-version'], { environment, timeoutMs: 20_000 })
  if (result.outcome === 'timed-out') return 'silent'
  if (result.outcome === 'missing' || result.code !== 0) return 'missing'
  return { command, version: /version "([^"]+)"/.exec(result.stderr + result.stdout)?.[1] ?? '' }
}

/** Maven, which brings Kafka's jars once; any version that runs the dependency plugin. */
export async function findMaven(
  environment: Environment,
  run: CommandRunner = runCommand,
): Promise<{ readonly command: string } | Missing> {
  const result = await run('mvn', ['-v'], { environment, timeoutMs: 20_000 })
  if (result.outcome === 'exited' && result.code === 0) return { command: 'mvn' }
  if (result.outcome === 'exited') {
    return { missing: `Maven: \`mvn -v\` fails: ${lastLines(result.stderr + result.stdout, 3)}` }
  }
  if (result.outcome === 'timed-out') return { missing: 'Maven: `mvn -v` does not answer.' }
  return {
    missing:
      'Maven: there is no mvn on PATH; it brings Kafka once. Install it, for example `apt-get install maven`, `brew install maven` or https://maven.apache.org/install.html.',
  }
}

/** `17.0.15` is 17, and `1.8.0_452` (the form until Java 8) is 8. */
export const majorOf = (version: string): number => {
  const [first = 0, second = 0] = version.split(/[._+-]/).map(Number)
  return first === 1 ? second : first
}
