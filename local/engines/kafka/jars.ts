import { join } from 'node:path'
import type { Environment } from '../../../lambdas/core/environment.ts'
import type { CommandRunner } from '../commands.ts'
import * as JARS from '../jars.ts'

const KAFKA: JARS.JarSet = {
  name: 'kafka',
  title: 'Kafka',
  pom: join(import.meta.dirname, 'pom.xml'),
  artifact: 'kafka_2.13',
  megabytes: 43,
}

/** Kafka's version, as pom.xml pins it. */
export const kafkaVersion = (): Promise<string> => JARS.versionOf(KAFKA)

/** See local/engines/jars.ts, for Kafka. */
export const existingJars = (kafkaDir: string): Promise<string | undefined> =>
  JARS.existingJars(KAFKA, kafkaDir)

export const jarsHome = (stateKafkaDir: string, environment: Environment): Promise<string> =>
  JARS.jarsHome(KAFKA, stateKafkaDir, environment)

/** @throws KeeperError `kafka_jars_failed` */
export const bringJars = (
  kafkaDir: string,
  environment: Environment,
  progress: (line: string) => void,
  run?: CommandRunner,
): Promise<string> => JARS.bringJars(KAFKA, kafkaDir, environment, progress, run)
