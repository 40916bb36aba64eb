import { type BrokerAddress, BrokerConnection } from './broker-connection.ts'
import { describeTopic, type TopicDescription } from './fetch-protocol.ts'

/** Connections to the brokers of a cluster, each opened when it is first needed, and again after it has failed. */
export class TopicConnections {
  readonly #bootstrap: readonly BrokerAddress[]
  readonly #open = new Map<string, Promise<BrokerConnection>>()

  /** @param bootstrapServers `host:port`, separated by commas */
  constructor(bootstrapServers: string) {
    this.#bootstrap = bootstrapServers.split(',').map(addressOf)
  }

  /** Asks one broker after the other; throws what the last one's failure was. */
  async describe(topic: string): Promise<TopicDescription> {
    let failure: unknown
    for (const address of this.#bootstrap) {
      try {
        return await describeTopic(await this.to(address), topic)
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  async to(address: BrokerAddress): Promise<BrokerConnection> {
    const name = `${address.host}:${address.port}`
    const known = await this.#open.get(name)?.catch(() => undefined)
    if (known?.isOpen) return known
    const opening = BrokerConnection.open(address)
    this.#open.set(name, opening)
    return opening
  }

  close(): void {
    for (const opening of this.#open.values()) {
      opening.then((connection) => connection.close()).catch(() => undefined)
    }
    this.#open.clear()
  }
}

/** The host may be an IPv6 address in brackets. */
function addressOf(server: string): BrokerAddress {
  const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(server.trim()) ?? []
  return { host, port: Number(port) }
}
