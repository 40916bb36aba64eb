import { Kafka, logLevel } from 'kafkajs'
import type { Pool } from 'pg'
import { createLogger } from '../../lambdas/core/logger.ts'
import { answer } from '../../lambdas/operator/answer.ts'
import type { Operation, OperatorDependencies } from '../../lambdas/operator/operation.ts'
import { operations } from '../../lambdas/operator/operations.ts'

/** An operator as its handler wires it, with a test's own Kafka and Postgres. */
export interface TestOperator {
  /** The output, or the error's code and message as `code: message`. */
  ask(operation: string, input?: unknown, access?: Operation['access']): Promise<unknown>
  close(): Promise<void>
}

export async function testOperator(bootstrapServers: string, pool?: Pool): Promise<TestOperator> {
  const kafka = new Kafka({
    clientId: 'operator',
    brokers: bootstrapServers.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    retry: { retries: 3, initialRetryTime: 100 },
  })
  const admin = kafka.admin()
  let connected: Promise<void> | undefined
  const dependencies = (): OperatorDependencies => ({
    pool: () => {
      if (!pool) throw new Error('This test has no Postgres.')
      return pool
    },
    kafka,
    bootstrapServers,
    admin: async () => {
      connected ??= admin.connect()
      await connected
      return admin
    },
    log: createLogger({}, () => undefined),
    deadlineMs: Date.now() + 30_000,
  })
  return {
    ask: async (operation, input, access = 'change') => {
      const response = await answer({ operation, input }, operations, access, dependencies())
      return 'output' in response ? response.output : `${response.error.code}: ${response.error.message}`
    },
    close: () => admin.disconnect(),
  }
}
