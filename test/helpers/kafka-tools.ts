import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines, runCommand } from '../../local/engines/commands.ts'
import { findJava, javaEnvironment } from '../../local/engines/java.ts'
import { bringJars, kafkaVersion } from '../../local/engines/kafka/jars.ts'
import { KAFKA_DIR } from './engine-room.ts'

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'

/** Runs one of Kafka's own command line classes, such as `TopicCommand`, and gives what it prints. */
export type KafkaTools = (tool: string, ...args: readonly string[]) => Promise<string>

/**
 * Kafka's own tools (bin/kafka-topics.sh and so on are scripts around these classes), of the version that the embedded
 * broker has. Their jar is not among the broker's: Maven brings it once.
 */
export async function kafkaTools(): Promise<KafkaTools> {
  const environment = javaEnvironment(process.env)
  const jars = await bringJars(KAFKA_DIR, environment, () => undefined)
  const java = await findJava(environment)
  if ('missing' in java) throw new Error(`Kafka's tools need ${java.missing}`)
  const version = await kafkaVersion()
  const folder = join(KAFKA_DIR, `tools-${version}`)
  if (!existsSync(join(folder, `kafka-tools-${version}.jar`))) {
    const artifact = `org.apache.kafka:kafka-tools:${version}`
    const args = ['-q', '-B', COPY, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]
    const brought = await runCommand('mvn', args, { environment, timeoutMs: 120_000 })
    if (brought.outcome !== 'exited' || brought.code !== 0) {
      const said =
        brought.outcome === 'exited' ? lastLines(brought.stdout + brought.stderr, 8) : brought.outcome
      throw new Error(`Maven could not bring ${artifact}: ${said}`)
    }
  }
  const classPath = ['-cp', [folder, jars].map((each) => join(each, '*')).join(':')]
  return async (tool, ...args) => {
    const run = [
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      ...classPath,
      `org.apache.kafka.tools.${tool}`,
    ]
    const result = await runCommand(java.command, [...run, ...args], { environment, timeoutMs: 60_000 })
    if (result.outcome === 'exited' && result.code === 0) return result.stdout
    const said = result.outcome === 'exited' ? lastLines(result.stdout + result.stderr, 8) : result.outcome
    throw new Error(`${tool} ${args.join(' ')}: ${said}`)
  }
}
