import { ENVIRONMENT, type Environment } from '../../lambdas/core/environment.ts'
import { KeeperError } from '../../lambdas/core/errors.ts'
import { runCommand } from './commands.ts'
import { findDocker, startCompose } from './compose.ts'
import { findPrerequisites, startEmbedded } from './embedded.ts'
import type { Engine, EngineOptions, KafkaEngine } from './engine.ts'
import { externalSettings, startExternal } from './external.ts'

/**
 * Starts, or finds, a Kafka and a Postgres: those that KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL name, else the
 * containers of local/docker-compose.yml, else programs of this machine.
 * @throws KeeperError `engine_prerequisite_missing` naming everything that is missing and how to get it, or the code
 * of the part that did not start, with the end of its log
 */
export function startEngine(options: EngineOptions & { readonly postgres: false }): Promise<KafkaEngine>
export function startEngine(options: EngineOptions): Promise<Engine>
export async function startEngine(options: EngineOptions): Promise<KafkaEngine> {
  const { environment, progress } = options
  if (options.kind === 'external') return startExternal(options)
  if (options.kind === 'compose') {
    const docker = await findDocker(environment)
    if ('missing' in docker) throw prerequisitesMissing([docker.missing])
    return startCompose(options, runCommand)
  }
  const missing: string[] = []
  if (options.kind === undefined) {
    if (externalSettings(environment)) return startExternal(options)
    sayWhatIsIgnored(environment, progress)
    const docker = await findDocker(environment)
    if (!('missing' in docker)) return startCompose(options, runCommand)
    missing.push(docker.missing)
  }
  const prerequisites = await findPrerequisites(options)
  if (!('missing' in prerequisites)) return startEmbedded(options, prerequisites)
  throw prerequisitesMissing(prerequisites.missing, missing)
}

/** One of the two settings alone chooses nothing, which its owner should know. */
function sayWhatIsIgnored(environment: Environment, progress: EngineOptions['progress']): void {
  const names = [ENVIRONMENT.bootstrapServers, ENVIRONMENT.databaseUrl]
  const set = names.filter((name) => environment[name])
  if (set.length !== 1) return
  const other = names.find((name) => !environment[name])
  progress(`${set[0]} is set and ${other} is not: an engine of your own takes both, so it is not used.`)
}

function prerequisitesMissing(missing: readonly string[], alternatives: readonly string[] = []): KeeperError {
  const list = (lines: readonly string[]) => lines.map((line) => `  - ${line}`).join('\n')
  const other = alternatives.length > 0 ? `\nOr, instead of all of these:\n${list(alternatives)}` : ''
  return new KeeperError(
    'engine_prerequisite_missing',
    `Kafka and Postgres cannot be started here. Missing:\n${list(missing)}${other}\nOr set ${ENVIRONMENT.bootstrapServers} and ${ENVIRONMENT.databaseUrl} to ones that run already.`,
  )
}
