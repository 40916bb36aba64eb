import { codeOf } from '../../lambdas/core/errors.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { freePort } from './ports.ts'
import type { Addresses, Launcher, ServiceName } from './service.ts'
import { servicePort } from './service-port.ts'
import { SERVICES, titlesOf } from './services.ts'

/** What was found to start each service with. */
export type Launchers = readonly (readonly [name: ServiceName, launcher: Launcher])[]

/** Looks for all of it, so that one message can name everything that is missing. */
export async function findPrerequisites(
  options: EngineOptions,
): Promise<{ readonly launchers: Launchers } | { readonly missing: readonly string[] }> {
  const found = await Promise.all(
    options.services.map(async (name) => [name, await SERVICES[name].program.find(options)] as const),
  )
  const missing = found.flatMap(([, result]) => ('missing' in result ? result.missing : []))
  const launchers = found.flatMap(([name, result]) => ('missing' in result ? [] : [[name, result] as const]))
  return missing.length > 0 ? { missing } : { launchers }
}

/**
 * Starts the services as processes of this machine, with their data in the state folder. What a killed run left behind
 * is ended first.
 * @throws KeeperError `engine_already_running`, `kafka_jars_failed`, `kafka_not_started` or `postgres_not_started`
 */
export async function startEmbedded(options: EngineOptions, launchers: Launchers): Promise<Engine> {
  const { progress } = options
  // A service that this run does without may still be held by an earlier one.
  const programs = Object.values(SERVICES).map(({ program }) => program)
  const ended: boolean[] = []
  for (const program of programs) ended.push(await program.endStale(options))
  if (ended.includes(true)) progress('Ended what an earlier run had left behind.')
  if (options.fresh) for (const program of programs) await program.erase(options)
  for (const [, launcher] of launchers) await launcher.prepare()
  const placed: { name: ServiceName; launcher: Launcher; port: number }[] = []
  for (const [name, launcher] of launchers) {
    placed.push({ name, launcher, port: await servicePort(name, options) })
  }
  const addresses: Addresses = {
    ...options.given,
    ...Object.fromEntries(placed.map(({ name, port }) => [name, SERVICES[name].addressAt(port)])),
  }
  progress(`Starting ${titlesOf(options.services)} on this machine.`)
  const results = await Promise.allSettled(
    placed.map(
      async ({ name, launcher, port }) =>
        [name, await startOn(port, name, launcher, addresses, options)] as const,
    ),
  )
  const running = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const stop = async () => {
    // Kafka Connect leaves its group and saves its positions, for which Kafka has to be there.
    for (const isConnect of [true, false]) {
      const others = running.filter(([name]) => (name === 'connect') === isConnect)
      await Promise.all(others.map(([, service]) => service.stop()))
    }
  }
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) {
    await stop()
    throw failure.reason
  }
  return {
    kind: 'embedded',
    addresses: Object.fromEntries(running.map(([name, { address }]) => [name, address])),
    stop,
  }
}

/** Another program may take a port between the look at it and the start: then another one will do, unless it is fixed. */
async function startOn(
  port: number,
  name: ServiceName,
  launcher: Launcher,
  addresses: Addresses,
  { fixedPorts = {}, progress }: EngineOptions,
): ReturnType<Launcher['start']> {
  try {
    return await launcher.start(port, addresses)
  } catch (error) {
    if (codeOf(error) !== 'port_lost' || fixedPorts[name] !== undefined) throw error
    const { title, lastPort } = SERVICES[name]
    const other = await freePort(lastPort === undefined ? undefined : port, lastPort)
    progress(`Port ${port} was taken meanwhile: ${title} uses ${other}.`)
    return launcher.start(other, addresses)
  }
}
