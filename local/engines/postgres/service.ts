import { join } from 'node:path'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import { KeeperError } from '../../../lambdas/core/errors.ts'
import { waitForPostgres, withoutPassword } from '../readiness.ts'
import type { Service } from '../service.ts'
import { eraseData } from './places.ts'
import { findPrograms } from './programs.ts'
import { endStaleServer, startServer } from './server.ts'
import { serverUser } from './server-user.ts'

const folder = (stateDir: string): string => join(stateDir, 'postgres')

export const POSTGRES: Service = {
  name: 'postgres',
  title: 'Postgres',
  variable: ENVIRONMENT.databaseUrl,
  port: 5432,
  addressAt: (port) => `postgresql://keeper:keeper@localhost:${port}/keeper`,
  shown: withoutPassword,
  waitFor: waitForPostgres,
  program: {
    find: async ({ stateDir, environment }) => {
      try {
        await findPrograms(await serverUser())
      } catch (error) {
        if (error instanceof KeeperError) return { missing: [error.message] }
        throw error
      }
      return {
        prepare: async () => undefined,
        start: async (port) => {
          const { databaseUrl, stop } = await startServer({ dir: folder(stateDir), port, environment })
          return { address: databaseUrl, stop }
        },
      }
    },
    endStale: ({ stateDir }) => endStaleServer(folder(stateDir)),
    erase: async ({ stateDir }) => eraseData(folder(stateDir), await serverUser()),
  },
}
