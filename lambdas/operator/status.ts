import { object } from 'valibot'
import { type Part, partOf } from './failures.ts'
import { type ConsumerLag, consumerLags } from './kafka/consumer-lags.ts'
import { operation } from './operation.ts'
import { type DatabaseStatus, databaseStatus } from './postgres/database-status.ts'

/** What Kafka and Postgres say of how Keeper does. */
export interface OperatorStatus {
  /** The operator's own clock, ISO 8601 with milliseconds. */
  readonly at: string
  readonly consumers: Part<readonly ConsumerLag[]>
  readonly database: Part<DatabaseStatus>
}

export const showStatus = operation({
  access: 'read',
  does: 'Shows how far the consumers are behind, how fresh prices are, and what waits; a part that cannot be read says why.',
  input: object({}),
  run: async (_, { admin, pool, bootstrapServers, openSearch }): Promise<OperatorStatus> => {
    const [consumers, database] = await Promise.all([
      partOf(
        admin().then((client) => consumerLags(client, { openSearch })),
        bootstrapServers,
      ),
      partOf(databaseStatus(pool()), bootstrapServers),
    ])
    return { at: new Date().toISOString(), consumers, database }
  },
})
