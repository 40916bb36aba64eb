import { createOpenSearch, type OpenSearch } from '../../lambdas/core/search/open-search.ts'
import { ask } from './engines.ts'
import type { SearchAnswer } from './search-room.ts'

/** OpenSearch for one test file, which has it alone. */
export interface TestSearch {
  readonly url: string
  readonly search: OpenSearch
  /** Deletes every index. */
  clear(): Promise<void>
  /** Makes what was written visible. */
  refresh(): Promise<void>
  /** Ends it as a crash does (SIGKILL). */
  crash(): Promise<void>
  /** Starts it again, on the same port with the same data. */
  start(): Promise<void>
  /** Call it in `afterAll`: the next test file waits for it. */
  close(): Promise<void>
}

/**
 * The run's OpenSearch, empty. On a machine that cannot run it, the sentence that says what is missing: such a file has one
 * test, which prints it.
 */
export async function takeSearch(): Promise<TestSearch | { readonly missing: string }> {
  const answer = (await ask('search/take')) as SearchAnswer
  if ('missing' in answer) {
    await ask('search/give-back')
    return answer
  }
  const search = createOpenSearch({ SEARCH_ENDPOINT: answer.url }) as OpenSearch
  const clear = async () => {
    await search.ask({ method: 'DELETE', path: '/*', query: { expand_wildcards: 'open' } })
  }
  await clear()
  return {
    url: answer.url,
    search,
    clear,
    refresh: async () => void (await search.ask({ method: 'POST', path: '/_refresh' })),
    crash: async () => void (await ask('search/crash')),
    start: async () => void (await ask('search/start')),
    close: async () => {
      search.close()
      await ask('search/give-back')
    },
  }
}

/** Prints why a file's tests cannot run here, where a person looks: beside the results. */
export const sayMissing = (missing: string): void =>
  void process.stderr.write(
    `\nNot tested: search, as OpenSearch cannot be started here. Missing: ${missing}\n`,
  )
