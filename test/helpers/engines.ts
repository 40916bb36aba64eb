import type { OwnKafka } from './engine-room.ts'
import type { PostgresAnswer, UsedDatabase } from './postgres-room.ts'

/** Asks jest's process for an engine, which starts it at the first request. */
export async function ask(path: string): Promise<unknown> {
  const url = process.env.KEEPER_TEST_ENGINES
  if (!url)
    throw new Error('Run tests through jest (`npm test`): its global setup offers Kafka and Postgres.')
  const response = await fetch(`${url}/${path}`)
  if (!response.ok) throw new Error(`No ${path} for the tests: ${await response.text()}`)
  return response.json()
}

/** The bootstrap servers of the run's one broker. */
export const askForKafka = () => ask('kafka') as Promise<{ bootstrapServers: string }>

/** A broker that the run has started, also where TEST_KAFKA_BOOTSTRAP_SERVERS names another. */
export const askForOwnKafka = () => ask('kafka/own') as Promise<OwnKafka>

/** The run's one database server. */
export const askForPostgres = () => ask('postgres') as Promise<PostgresAnswer>

/** The same, with a database that another test is done with, if there is one: nobody else gets it until it is given back. */
export const takeDatabase = () => ask('postgres/take') as Promise<UsedDatabase>

/** @param name of a database that is as the template again, and that nobody is connected to */
export const giveDatabaseBack = (name: string) => ask(`postgres/give-back/${name}`)

/** A folder of this run for a test's own files; deleted when the run ends. */
export function runDir(): string {
  const dir = process.env.KEEPER_TEST_RUN_DIR
  if (!dir) throw new Error('Run tests through jest (`npm test`): its global setup names the run.')
  return dir
}
