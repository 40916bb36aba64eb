import { globSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { buildSync } from 'esbuild'
import { bundleOptions } from '../lib/constructs/functions/bundle-options.ts'
import { licencesPage } from './licences-page.ts'

/** `npm run licences`: writes docs/licences.md. A test fails while the page is stale. */
const LAMBDAS = join(import.meta.dirname, '..', 'lambdas')

const sources = globSync(join(LAMBDAS, '**', 'handler.ts')).flatMap((handler) => {
  const options = bundleOptions(relative(LAMBDAS, dirname(handler)))
  const map = buildSync({ ...options, write: false }).outputFiles.find(({ path }) => path.endsWith('.map'))
  return (JSON.parse(map?.text ?? '{"sources":[]}') as { sources: string[] }).sources
})
writeFileSync(join(LAMBDAS, '..', 'docs', 'licences.md'), await licencesPage(sources))
