import type { Environment } from '../../lambdas/core/environment.ts'
import { KeeperError } from '../../lambdas/core/errors.ts'
import type { WaitOptions } from './readiness.ts'

/** What an engine can start, as its service in local/docker-compose.yml is called. */
export type ServiceName = 'kafka' | 'postgres' | 'opensearch' | 'connect'

/** Where services answer: Kafka's `host:port` pairs, separated by commas, and the others' URLs. */
export type Addresses = Readonly<Partial<Record<ServiceName, string>>>

/** One thing that an engine can start. */
export interface Service {
  readonly name: ServiceName
  /** As the reader knows it: "Kafka". */
  readonly title: string
  /** The setting that names one of the user's own. */
  readonly variable: string
  /** Where it listens unless that port is taken; in its container, always. */
  readonly port: number
  /** The last port that it can listen on; any unless given. */
  readonly lastPort?: number
  /** Its address on a port of this machine. */
  addressAt(port: number): string
  /** An address as it may be shown: without a password. */
  shown(address: string): string
  /** Resolves when it answers; throws what is wrong where it does not in time. */
  waitFor(address: string, options: WaitOptions): Promise<void>
  /** As a program of this machine. */
  readonly program: Program
}

/** A service's program, its data in the state folder. */
export interface Program {
  /** Looks for all that starting it takes. */
  find(place: ProgramPlace): Promise<Launcher | { readonly missing: readonly string[] }>
  /** Ends what a killed run left behind; gives whether there was anything. */
  endStale(place: ProgramPlace): Promise<boolean>
  /** Deletes the data. */
  erase(place: ProgramPlace): Promise<void>
}

export interface ProgramPlace {
  readonly stateDir: string
  readonly environment: Environment
  readonly progress: (line: string) => void
}

/** What was found to start a program with. */
export interface Launcher {
  /** Brings what has to be downloaded. */
  prepare(): Promise<void>
  /** @param addresses where the other services of this run are, or will be */
  start(port: number, addresses: Addresses): Promise<{ readonly address: string; stop(): Promise<void> }>
}

/** @throws KeeperError `service_missing` where the engine was not asked for it */
export function addressOf({ addresses }: { readonly addresses: Addresses }, name: ServiceName): string {
  const address = addresses[name]
  if (address !== undefined) return address
  throw new KeeperError('service_missing', `The engine has no ${name}: it was started without.`)
}
