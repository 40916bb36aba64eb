import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { lastLines, runCommand } from '../../local/engines/commands.ts'

const POM = join(import.meta.dirname, 'pom.xml')
const BUILD_CLASS_PATH = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath'

/** A first download of 65 MB over a slow line. */
const MAVEN_TIMEOUT_MS = 10 * 60_000

/**
 * Has Maven bring the jars of pom.xml into its repository, where they are not there yet, and say their class path.
 * @param file where Maven writes it
 * @throws Error with Maven's last lines
 */
export async function connectClassPath(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true })
  const args = [
    '-q',
    '-B',
    '-f',
    POM,
    BUILD_CLASS_PATH,
    '-DincludeScope=runtime',
    `-Dmdep.outputFile=${file}`,
  ]
  const result = await runCommand('mvn', args, { environment: process.env, timeoutMs: MAVEN_TIMEOUT_MS })
  if (result.outcome === 'exited' && result.code === 0) return (await readFile(file, 'utf8')).trim()
  const said = result.outcome === 'exited' ? lastLines(result.stdout + result.stderr, 8) : result.outcome
  throw new Error(
    `Maven could not bring Kafka Connect and Debezium: ${said}\nThe same by hand: mvn ${args.join(' ')}`,
  )
}
