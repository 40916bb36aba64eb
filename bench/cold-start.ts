import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import type { Group, Peer } from './measure.ts'
import { synthesizedTemplate } from './synthesized.ts'

const run = promisify(execFile)

/** Loads a bundle in a fresh process and prints the milliseconds that importing it took. */
const LOAD =
  'const start = performance.now(); await import(process.argv[1]); console.log(performance.now() - start); process.exit()'

/** What a cold start pays before its first event: loading the synthesized bundle, next to one that loads pg alone. */
export async function coldStartBenches(): Promise<Group> {
  const directory = await mkdtemp(join(tmpdir(), 'keeper-bench-'))
  const { functions } = await synthesizedTemplate(directory)
  const pgAlone = join(directory, 'pg.mjs')
  await writeFile(
    join(directory, 'pg-entry.mjs'),
    "import pg from 'pg'\nexport const handler = () => pg.Pool\n",
  )
  await build({
    entryPoints: [join(directory, 'pg-entry.mjs')],
    outfile: pgAlone,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    external: ['pg-native'],
    nodePaths: [join(import.meta.dirname, '..', 'node_modules')],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
  const peer = async (name: string, file: string): Promise<Peer> => ({
    name: `${name} (${((await stat(file)).size / 1000).toFixed(0)} KB)`,
    run: async () => {
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', LOAD, file])
      return { units: 1, ms: Number(stdout) }
    },
  })
  const peers = [await peer('pg alone', pgAlone)]
  for (const { name, codeDirectory } of functions)
    peers.push(await peer(name, join(codeDirectory, 'index.mjs')))
  return {
    benches: [
      {
        group: 'cold-start',
        name: 'loading a bundle',
        what: 'loads a second, one after the other, in a fresh process each (1000 / milliseconds of loading)',
        input: 'the bundles that cdk deploy would upload; nothing connects while loading',
        unit: 'loads/s',
        peers,
      },
    ],
    close: () => rm(directory, { recursive: true, force: true }),
  }
}
