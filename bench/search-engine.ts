import { join } from 'node:path'
import { createOpenSearch, type OpenSearch } from '../lambdas/core/search/open-search.ts'
import { addressOf } from '../local/engines/service.ts'
import { startEngine } from '../local/engines/start-engine.ts'

/** An empty OpenSearch of a bench alone, as `npm run local -- --search` has it. */
export interface SearchEngine {
  readonly url: string
  readonly search: OpenSearch
  stop(): Promise<void>
}

/** Started by a bench's own group; SEARCH_ENDPOINT names one to use instead, whose indices of deals are deleted. */
export async function startSearchEngine(name: string): Promise<SearchEngine> {
  const given = process.env.SEARCH_ENDPOINT
  const engine = await startEngine({
    stateDir: join(import.meta.dirname, '..', '.local', `bench-${name}`),
    services: ['opensearch'],
    kind: given ? 'external' : 'embedded',
    fresh: true,
    environment: process.env,
    progress: (line) => void process.stderr.write(`${line}\n`),
  })
  const url = addressOf(engine, 'opensearch')
  const search = createOpenSearch({ SEARCH_ENDPOINT: url }) as OpenSearch
  return {
    url,
    search,
    stop: async () => {
      search.close()
      await engine.stop()
    },
  }
}
