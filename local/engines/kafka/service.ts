import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import { findJava, findMaven } from '../java.ts'
import { waitForKafka } from '../readiness.ts'
import type { Service } from '../service.ts'
import { endStaleBroker, startBroker } from './broker.ts'
import { bringJars, existingJars, jarsHome } from './jars.ts'

const folder = (stateDir: string): string => join(stateDir, 'kafka')

export const KAFKA: Service = {
  name: 'kafka',
  title: 'Kafka',
  variable: ENVIRONMENT.bootstrapServers,
  port: 9092,
  addressAt: (port) => `localhost:${port}`,
  shown: (address) => address,
  waitFor: waitForKafka,
  program: {
    find: async ({ stateDir, environment, progress }) => {
      const dir = folder(stateDir)
      const home = await jarsHome(dir, environment)
      const needsMaven = (await existingJars(home)) === undefined
      const [java, maven] = await Promise.all([
        findJava(environment),
        needsMaven ? findMaven(environment) : undefined,
      ])
      const missing = [java, maven].flatMap((found) => (found && 'missing' in found ? [found.missing] : []))
      if (missing.length > 0 || 'missing' in java) return { missing }
      return {
        prepare: async () => void (await bringJars(home, environment, progress)),
        start: async (port) => {
          const jars = await bringJars(home, environment, progress)
          const { bootstrapServers, stop } = await startBroker({ dir, jars, java, port, environment })
          return { address: bootstrapServers, stop }
        },
      }
    },
    endStale: ({ stateDir }) => endStaleBroker(folder(stateDir)),
    erase: ({ stateDir }) => rm(join(folder(stateDir), 'data'), { recursive: true, force: true }),
  },
}
