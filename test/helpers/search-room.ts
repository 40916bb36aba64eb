import type { Environment } from '../../lambdas/core/environment.ts'
import { findNewerJava } from '../../local/engines/installed-java.ts'
import { bringJars, existingJars, jarsHome } from '../../local/engines/jars.ts'
import { findMaven } from '../../local/engines/java.ts'
import { LAST_PORT, type Node, startNode } from '../../local/engines/opensearch/node.ts'
import { OPENSEARCH_JARS, OPENSEARCH_JAVA } from '../../local/engines/opensearch/service.ts'
import { freePort } from '../../local/engines/ports.ts'

/** What a test file is told about OpenSearch. */
export type SearchAnswer = { readonly url: string } | { readonly missing: string }

/** The run's one OpenSearch, which one test file has at a time: its indices have fixed names, and a test may kill it. */
export interface SearchRoom {
  /** `/search/take` starts it and waits for its turn; `/search/crash`, `/search/start` and `/search/give-back`. */
  answer(path: string): Promise<unknown>
  close(): Promise<void>
}

/** TEST_SEARCH_ENDPOINT names one to use instead, which is never killed. */
export function searchRoom(dir: string, environment: Environment): SearchRoom {
  let node: Node | undefined
  let port: number | undefined
  let turn: Promise<void> = Promise.resolve()
  let giveBack: () => void = () => undefined

  const start = async (): Promise<SearchAnswer> => {
    const given = environment.TEST_SEARCH_ENDPOINT
    if (given) return { url: given }
    if (node) return { url: node.url }
    const home = await jarsHome(OPENSEARCH_JARS, dir, environment)
    const hasJars = (await existingJars(OPENSEARCH_JARS, home)) !== undefined
    const java = await findNewerJava('OpenSearch', OPENSEARCH_JAVA, environment)
    const maven = hasJars ? undefined : await findMaven(environment)
    if ('missing' in java) return java
    if (maven && 'missing' in maven) return maven
    const jars = await bringJars(OPENSEARCH_JARS, home, environment, (line) =>
      process.stderr.write(`${line}\n`),
    )
    port ??= await freePort(9_210, LAST_PORT)
    node = await startNode({ dir, jars, java, port, environment, profile: 'quick' })
    return { url: node.url }
  }
  const take = async (): Promise<SearchAnswer> => {
    const before = turn
    const mine = Promise.withResolvers<void>()
    turn = mine.promise
    await before
    giveBack = mine.resolve
    return start()
  }
  const crash = async () => {
    if (node) process.kill(node.pid, 'SIGKILL')
    await node?.stop()
    node = undefined
  }
  return {
    answer: async (path) => {
      if (path === '/search/take') return take()
      if (path === '/search/start') return start()
      if (path === '/search/crash') return (await crash()) ?? {}
      giveBack()
      return {}
    },
    close: async () => node?.stop(),
  }
}
