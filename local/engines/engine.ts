import type { Environment } from '../../lambdas/core/environment.ts'
import { type Addresses, addressOf, type ServiceName } from './service.ts'

/** Services that answer. */
export interface Engine {
  readonly kind: 'embedded' | 'compose' | 'external'
  readonly addresses: Addresses
  /** Ends what starting it began, and nothing else. */
  stop(): Promise<void>
}

/** What `npm run local` knows when it wants an engine. */
export interface EngineOptions {
  /** `.local` of the checkout: data, logs and pid files; it outlives the engine. An absolute path. */
  readonly stateDir: string
  /** What is wanted. */
  readonly services: readonly ServiceName[]
  /** Services that run already: they are waited for, and neither started nor stopped. */
  readonly given?: Addresses
  /** The engine to use whatever is there; chosen where it is left out. */
  readonly kind?: Engine['kind'] | undefined
  /** Where services are to listen instead of on their usual ports. A taken port is replaced by a free one. */
  readonly ports?: Readonly<Partial<Record<ServiceName, number>>>
  /** Where services are to listen and nowhere else: a port that is taken ends the start. */
  readonly fixedPorts?: Readonly<Partial<Record<ServiceName, number | undefined>>>
  /** Deletes the data of earlier runs first. The data of services that run already is never touched. */
  readonly fresh?: boolean
  /** Takes one line at a time for whoever waits. */
  readonly progress: (line: string) => void
  /** Where settings and programs are looked for: `process.env`. */
  readonly environment: Environment
}

/** Where templates' references to brokers and databases lead. */
export const placesOf = (
  engine: Engine,
): { readonly bootstrapServers: string; readonly databaseUrl: string | null } => ({
  bootstrapServers: addressOf(engine, 'kafka'),
  databaseUrl: engine.addresses.postgres ?? null,
})
