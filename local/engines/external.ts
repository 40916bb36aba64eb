import type { Environment } from '../../lambdas/core/environment.ts'
import { KeeperError } from '../../lambdas/core/errors.ts'
import type { Engine, EngineOptions } from './engine.ts'
import type { Addresses, ServiceName } from './service.ts'
import { SERVICES } from './services.ts'

/** How long services that somebody else may be starting right now are waited for. */
const TIMEOUT_MS = 30_000

/** The address of a service of the user's own, where the environment names one. */
export const externalAddress = (environment: Environment, name: ServiceName): string | undefined =>
  environment[SERVICES[name].variable]?.trim() || undefined

/** The addresses of services of the user's own; undefined unless all that are wanted are named. */
export function externalSettings({
  environment,
  services,
}: Pick<EngineOptions, 'environment' | 'services'>): Addresses | undefined {
  const found = services.map((name) => [name, externalAddress(environment, name)] as const)
  return found.every(([, address]) => address !== undefined) ? Object.fromEntries(found) : undefined
}

/**
 * Waits for the services that the environment names. They are not ours: stopping does nothing, and data stays.
 * @throws KeeperError `engine_settings_missing`, or as the services' `waitFor`
 */
export async function startExternal(options: EngineOptions): Promise<Engine> {
  const addresses = externalSettings(options)
  if (!addresses) {
    const names = options.services.map((name) => SERVICES[name].variable)
    throw new KeeperError(
      'engine_settings_missing',
      `The external engine is the one that ${names.join(' and ')} ${names.length > 1 ? `name: set ${names.length > 2 ? 'all of them' : 'both'}` : 'names: set it'}.`,
    )
  }
  if (options.fresh) options.progress('The data of an external engine is left as it is.')
  await waitForServices(addresses, options.progress)
  return { kind: 'external', addresses, stop: async () => undefined }
}

/** @throws KeeperError as the services' `waitFor` */
export async function waitForServices(
  addresses: Addresses,
  progress: EngineOptions['progress'],
): Promise<void> {
  const waiting = Object.values(SERVICES).flatMap((service) => {
    const address = addresses[service.name]
    return address === undefined ? [] : [{ service, address }]
  })
  if (waiting.length === 0) return
  const places = waiting.map(({ service, address }) => `${service.title} at ${service.shown(address)}`)
  progress(`Waiting for ${places.join(' and ')}.`)
  await Promise.all(
    waiting.map(({ service, address }) => service.waitFor(address, { timeoutMs: TIMEOUT_MS })),
  )
}
