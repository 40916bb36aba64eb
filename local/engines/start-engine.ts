import { KeeperError } from '../../lambdas/core/errors.ts'
import { runCommand } from './commands.ts'
import { findDocker, startCompose } from './compose.ts'
import { findPrerequisites, startEmbedded } from './embedded.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { externalAddress, externalSettings, startExternal, waitForServices } from './external.ts'
import { checkFixedPorts } from './service-port.ts'
import { SERVICES, titlesOf } from './services.ts'

/**
 * Starts, or finds, the services that are wanted: those that are given; the rest are the ones that the environment
 * names, where it names all of them (KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL), else the containers of
 * local/docker-compose.yml, else programs of this machine.
 * @throws KeeperError `engine_prerequisite_missing` naming everything that is missing and how to get it, or the code
 * of the part that did not start, with the end of its log
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { given = {}, progress } = options
  await waitForServices(given, progress)
  const services = options.services.filter((name) => given[name] === undefined)
  const rest = await startRest({ ...options, services })
  const engine = { ...rest, addresses: { ...rest.addresses, ...given } }
  try {
    checkFixedPorts(engine, options)
  } catch (error) {
    await engine.stop()
    throw error
  }
  return engine
}

async function startRest(options: EngineOptions): Promise<Engine> {
  const { environment, kind } = options
  if (kind === 'external') return startExternal(options)
  if (kind === 'compose') {
    const docker = await findDocker(environment)
    if ('missing' in docker) throw prerequisitesMissing(options, [docker.missing])
    return startCompose(options, runCommand)
  }
  const alternatives: string[] = []
  if (kind === undefined) {
    if (externalSettings(options)) return startExternal(options)
    sayWhatIsIgnored(options)
    const docker = await findDocker(environment)
    if (!('missing' in docker)) return startCompose(options, runCommand)
    alternatives.push(docker.missing)
  }
  const found = await findPrerequisites(options)
  if ('missing' in found) throw prerequisitesMissing(options, found.missing, alternatives)
  return startEmbedded(options, found.launchers)
}

/** One of the settings without the others chooses nothing, which its owner should know. */
function sayWhatIsIgnored({ services, environment, progress }: EngineOptions): void {
  const isSet = (name: (typeof services)[number]) => externalAddress(environment, name) !== undefined
  const variables = (names: typeof services) => names.map((name) => SERVICES[name].variable).join(' and ')
  const set = services.filter(isSet)
  if (set.length === 0) return
  const others = services.filter((name) => !isSet(name))
  progress(
    `${variables(set)} is set and ${variables(others)} is not: an engine of your own takes ${services.length > 2 ? 'all of them' : 'both'}, so it is not used.`,
  )
}

function prerequisitesMissing(
  { services }: EngineOptions,
  missing: readonly string[],
  alternatives: readonly string[] = [],
): KeeperError {
  const list = (lines: readonly string[]) => lines.map((line) => `  - ${line}`).join('\n')
  const other = alternatives.length > 0 ? `\nOr, instead of all of these:\n${list(alternatives)}` : ''
  const variables = services.map((name) => SERVICES[name].variable).join(' and ')
  return new KeeperError(
    'engine_prerequisite_missing',
    `${titlesOf(services)} cannot be started here. Missing:\n${list(missing)}${other}\nOr set ${variables} to what runs already.`,
  )
}
