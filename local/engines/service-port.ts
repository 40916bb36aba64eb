import { KeeperError } from '../../lambdas/core/errors.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { fixedPort, portFor } from './ports.ts'
import type { ServiceName } from './service.ts'
import { SERVICES } from './services.ts'

/**
 * Where a service is to listen: on the port that is fixed, else on its usual one or any that is free.
 * @throws KeeperError `port_taken`
 */
export function servicePort(
  name: ServiceName,
  { ports = {}, fixedPorts = {}, progress }: EngineOptions,
): Promise<number> {
  const { title, port, lastPort } = SERVICES[name]
  const fixed = fixedPorts[name]
  return fixed === undefined
    ? portFor(title, ports[name] ?? port, progress, lastPort)
    : fixedPort(`${name}-port`, fixed)
}

/**
 * That services which ran already are where they were to be.
 * @throws KeeperError `port_not_kept`
 */
export function checkFixedPorts(
  { addresses }: Pick<Engine, 'addresses'>,
  { fixedPorts = {} }: Pick<EngineOptions, 'fixedPorts'>,
): void {
  for (const [name, port] of Object.entries(fixedPorts)) {
    const address = addresses[name as ServiceName]
    if (address === undefined || port === undefined || address.endsWith(`:${port}`)) continue
    throw new KeeperError(
      'port_not_kept',
      `--${name}-port is ${port}, and this run does not start ${SERVICES[name as ServiceName].title}: it is at ${address}.`,
    )
  }
}
