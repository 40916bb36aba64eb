import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { createLogger } from '../../lambdas/core/logger.ts'
import { answer } from '../../lambdas/operator/answer.ts'
import type { Operation, OperatorDependencies } from '../../lambdas/operator/operation.ts'
import { type Operations, operations } from '../../lambdas/operator/operations.ts'

type Name = keyof Operations
type Output<Of extends Name> = Awaited<ReturnType<Operations[Of]['run']>>

/** Both functions as they are deployed: each with its database user and its access. */
export interface Operators {
  /**
   * Asks the function that runs the operation.
   * @throws Error with the operator's code and message
   */
  ask<Of extends Name>(operation: Of, input?: object): Promise<Output<Of>>
  close(): Promise<void>
}

const USERS = { read: 'keeper_operator_reader', change: 'keeper_operator' } as const

export function operatorsOf(
  databaseUrl: string,
  bootstrapServers = 'localhost:1',
  others: Pick<OperatorDependencies, 'openSearch'> = {},
): Operators {
  const pools = new Map<Operation['access'], pg.Pool>()
  const kafka = new Kafka({
    brokers: bootstrapServers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries: 1 },
  })
  const admin = kafka.admin()
  let connected: Promise<void> | undefined
  const dependenciesOf = (access: Operation['access']): OperatorDependencies => ({
    pool: () => {
      const pool =
        pools.get(access) ??
        new pg.Pool({
          connectionString: databaseUrl,
          max: 1,
          options: `-c role=${USERS[access]} -c timezone=UTC`,
        })
      pools.set(access, pool)
      return pool
    },
    kafka,
    bootstrapServers,
    admin: async () => {
      connected ??= admin.connect()
      await connected
      return admin
    },
    ...others,
    log: createLogger({}, () => undefined),
    deadlineMs: Date.now() + 30_000,
  })
  return {
    ask: async <Of extends Name>(operation: Of, input: object = {}): Promise<Output<Of>> => {
      const { access } = operations[operation]
      const response = await answer({ operation, input }, operations, access, dependenciesOf(access))
      if ('error' in response) throw Object.assign(new Error(response.error.message), response.error)
      return response.output as Output<Of>
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.end()))
      if (connected) await admin.disconnect()
    },
  }
}
