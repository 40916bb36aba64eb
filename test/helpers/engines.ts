import type { PostgresAnswer } from './engine-room.ts'

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

/** The run's one database server. */
export const askForPostgres = () => ask('postgres') as Promise<PostgresAnswer>

/** A folder of this run for a test's own files; deleted when the run ends. */
export function runDir(): string {
  const dir = process.env.KEEPER_TEST_RUN_DIR
  if (!dir) throw new Error('Run tests through jest (`npm test`): its global setup names the run.')
  return dir
}
