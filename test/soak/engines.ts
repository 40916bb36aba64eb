import pg from 'pg'
import { freePort } from '../../local/engines/ports.ts'
import { type FaultyProxy, faultyProxy } from '../helpers/faulty-proxy.ts'
import { type Stoppable, stoppableBroker, stoppablePostgres } from '../helpers/stoppable.ts'

/** A broker and a database, and the networks on which Keeper reaches them. */
export interface Engines {
  readonly broker: Stoppable & { readonly bootstrapServers: string }
  readonly postgres: Stoppable & { readonly databaseUrl: string }
  readonly kafkaNetwork: FaultyProxy
  readonly postgresNetwork: FaultyProxy
  /** Where Keeper finds them: behind the networks. */
  readonly keeperKafka: string
  readonly keeperDatabaseUrl: string
  /** Asks the database directly, on a connection of its own: it ends now and then. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>
  close(): Promise<void>
}

export async function startEngines(): Promise<Engines> {
  const behind = await freePort()
  const kafkaNetwork = await faultyProxy(behind)
  const listener = { name: 'PLAINTEXT_KEEPER', port: behind, advertised: `127.0.0.1:${kafkaNetwork.port}` }
  const [broker, postgres] = await Promise.all([stoppableBroker([listener]), stoppablePostgres()])
  const url = new URL(postgres.databaseUrl)
  const postgresNetwork = await faultyProxy(Number(url.port))
  url.port = String(postgresNetwork.port)
  return {
    ...{ broker, postgres, kafkaNetwork, postgresNetwork },
    keeperKafka: `127.0.0.1:${kafkaNetwork.port}`,
    keeperDatabaseUrl: url.href,
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) => {
      const client = new pg.Client({
        connectionString: postgres.databaseUrl,
        connectionTimeoutMillis: 60_000,
      })
      client.on('error', () => undefined)
      await client.connect()
      try {
        return (await client.query<Row>(text, [...values])).rows
      } finally {
        await client.end()
      }
    },
    close: async () => {
      await Promise.all([kafkaNetwork.close(), postgresNetwork.close()])
      await Promise.all([broker.dispose(), postgres.dispose()])
    },
  }
}
