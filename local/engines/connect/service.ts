import { join } from 'node:path'
import { findNewerJava } from '../installed-java.ts'
import { bringJars, existingJars, type JarSet, jarsHome } from '../jars.ts'
import { findMaven } from '../java.ts'
import { withoutPassword } from '../readiness.ts'
import { addressOf, type Service } from '../service.ts'
import { SINK_JARS } from './plugins.ts'
import { endStaleWorker, startWorker, waitForConnect } from './worker.ts'

export const CONNECT_JARS: JarSet = {
  name: 'connect',
  title: 'Kafka Connect',
  pom: join(import.meta.dirname, 'pom.xml'),
  artifact: 'connect-runtime',
  megabytes: 35,
}

/** https://kafka.apache.org/41/getting-started/compatibility/ */
const CONNECT_JAVA = 17

const folder = (stateDir: string): string => join(stateDir, 'connect')

export const CONNECT: Service = {
  name: 'connect',
  title: 'Kafka Connect',
  variable: 'CONNECT_URL',
  port: 8083,
  addressAt: (port) => `http://127.0.0.1:${port}`,
  shown: withoutPassword,
  waitFor: waitForConnect,
  program: {
    find: async ({ stateDir, environment, progress }) => {
      const dir = folder(stateDir)
      const homes = await Promise.all(
        [CONNECT_JARS, SINK_JARS].map(async (set) => ({ set, home: await jarsHome(set, dir, environment) })),
      )
      const existing = await Promise.all(homes.map(({ set, home }) => existingJars(set, home)))
      const [java, maven] = await Promise.all([
        findNewerJava('Kafka Connect', CONNECT_JAVA, environment),
        existing.includes(undefined) ? findMaven(environment) : undefined,
      ])
      const missing = [java, maven].flatMap((found) => (found && 'missing' in found ? [found.missing] : []))
      if (missing.length > 0 || 'missing' in java) return { missing }
      const bring = async () => {
        const [jars = '', sink = ''] = await Promise.all(
          homes.map(({ set, home }) => bringJars(set, home, environment, progress)),
        )
        return { jars, plugins: join(sink, '..') }
      }
      return {
        prepare: async () => void (await bring()),
        start: async (port, addresses) => {
          const bootstrapServers = addressOf({ addresses }, 'kafka')
          const { url, stop } = await startWorker({
            ...{ dir, java, port, environment, bootstrapServers },
            ...(await bring()),
          })
          return { address: url, stop }
        },
      }
    },
    endStale: ({ stateDir }) => endStaleWorker(folder(stateDir)),
    // Its state is in Kafka's topics.
    erase: async () => undefined,
  },
}
