import type { Environment } from '../../lambdas/core/environment.ts'

/** A Kafka that answers, and a Postgres where one was asked for or came with it. */
export interface KafkaEngine {
  readonly kind: 'embedded' | 'compose' | 'external'
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string
  /** May read and write every table; null without a Postgres. */
  readonly databaseUrl: string | null
  /** Ends what starting it began, and nothing else. */
  stop(): Promise<void>
}

/** A Kafka and a Postgres that answer. */
export interface Engine extends KafkaEngine {
  readonly databaseUrl: string
}

/** What `npm run local` knows when it wants an engine. */
export interface EngineOptions {
  /** `.local` of the checkout: data, logs and pid files; it outlives the engine. An absolute path. */
  readonly stateDir: string
  /** The engine to use whatever is there; chosen where it is left out. */
  readonly kind?: Engine['kind']
  /** Where Kafka is to listen; 9092 unless given. A taken port is replaced by a free one. */
  readonly kafkaPort?: number
  /** Where Postgres is to listen; 5432 unless given. A taken port is replaced by a free one. */
  readonly postgresPort?: number
  /** False where Kafka is all that is wanted: no Postgres is started. */
  readonly postgres?: boolean
  /** Deletes the data of earlier runs first. An external engine's data is never touched. */
  readonly fresh?: boolean
  /** Takes one line at a time for whoever waits. */
  readonly progress: (line: string) => void
  /** Where settings and programs are looked for: `process.env`. */
  readonly environment: Environment
}
