import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../../lambdas/core/environment.ts'
import { type CommandRunner, runCommand } from './commands.ts'
import { askJava, type Java, type Missing, majorOf } from './java.ts'

/** Where systems and installers put several Javas side by side, and what leads from there to a home. */
const installations = ({ HOME: home }: Environment): readonly { dir: string; below: string }[] => [
  { dir: '/usr/lib/jvm', below: '' },
  { dir: '/Library/Java/JavaVirtualMachines', below: 'Contents/Home' },
  { dir: '/opt/homebrew/opt', below: 'libexec/openjdk.jdk/Contents/Home' },
  ...(home
    ? [
        { dir: join(home, '.sdkman/candidates/java'), below: '' },
        { dir: join(home, '.jdks'), below: '' },
      ]
    : []),
]

/**
 * A Java of at least a version, for a program that needs a newer one than Kafka: the one of JAVA_HOME, else the one on PATH,
 * else the newest that is installed, as a machine may have a newer one beside the one that `java` is.
 * @param title who needs it: "OpenSearch"
 */
export async function findNewerJava(
  title: string,
  oldest: number,
  environment: Environment,
  run: CommandRunner = runCommand,
): Promise<Java | Missing> {
  const { JAVA_HOME: home } = environment
  const firsts = [...(home ? [join(home, 'bin', 'java')] : []), 'java']
  const seen: Java[] = []
  const ask = async (command: string): Promise<Java | undefined> => {
    const answer = await askJava(command, environment, run)
    if (typeof answer === 'string') return undefined
    seen.push(answer)
    return majorOf(answer.version) >= oldest ? answer : undefined
  }
  for (const command of firsts) {
    const java = await ask(command)
    if (java) return java
  }
  const others = await Promise.all((await installed(environment)).map(ask))
  const newest = others
    .flatMap((java) => java ?? [])
    .sort((a, b) => majorOf(b.version) - majorOf(a.version))[0]
  if (newest) return newest
  const versions = [...new Set(seen.map(({ version }) => version))].join(', ') || 'none'
  return {
    missing: `Java ${oldest} or later, for ${title}: found ${versions}. Install one, for example \`apt-get install openjdk-${oldest}-jre-headless\`, \`brew install openjdk\` or https://adoptium.net, and set JAVA_HOME if it is not in /usr/lib/jvm.`,
  }
}

async function installed(environment: Environment): Promise<readonly string[]> {
  const found = await Promise.all(
    installations(environment).map(async ({ dir, below }) =>
      (await readdir(dir).catch(() => []))
        .filter((name) => dir !== '/opt/homebrew/opt' || name.startsWith('openjdk'))
        .map((name) => join(dir, name, below, 'bin', 'java'))
        .filter((command) => existsSync(command)),
    ),
  )
  return found.flat()
}
