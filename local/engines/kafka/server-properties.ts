import { BROKER_SETTINGS } from './broker-settings.ts'

/** A listener on this machine that tells its clients to go somewhere else. */
export interface ExtraListener {
  /** Letters and underscores, such as `PLAINTEXT_INSIDE`. */
  readonly name: string
  readonly port: number
  /** `host:port` that it advertises. */
  readonly advertised: string
}

/** What differs from start to start. */
export interface BrokerPlace {
  readonly port: number
  readonly controllerPort: number
  readonly dataDir: string
  readonly extraListeners: readonly ExtraListener[]
  /** Kafka’s settings, beside those that every local broker has or in their place. */
  readonly settings?: Readonly<Record<string, string>>
}

/**
 * server.properties of the embedded broker: one node that is broker and controller, open to this machine only.
 * https://kafka.apache.org/41/operations/kraft/
 */
export function brokerProperties(place: BrokerPlace): string {
  const { port, controllerPort, dataDir, extraListeners } = place
  const listeners = [{ name: 'PLAINTEXT_HOST', port, advertised: `localhost:${port}` }, ...extraListeners]
  const names = ['CONTROLLER', ...listeners.map(({ name }) => name)]
  const settings: Readonly<Record<string, string>> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: [
      `CONTROLLER://127.0.0.1:${controllerPort}`,
      ...listeners.map((listener) => `${listener.name}://127.0.0.1:${listener.port}`),
    ].join(','),
    'advertised.listeners': listeners.map(({ name, advertised }) => `${name}://${advertised}`).join(','),
    'listener.security.protocol.map': names.map((name) => `${name}:PLAINTEXT`).join(','),
    'inter.broker.listener.name': 'PLAINTEXT_HOST',
    'log.dirs': dataDir,
    ...BROKER_SETTINGS,
    ...place.settings,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('')
}

/** Kafka reads the file as Latin-1. https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Properties.html */
const escaped = (value: string): string =>
  value
    .replaceAll('\\', '\\\\')
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
