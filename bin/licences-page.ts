import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')

/** They ask for no more than to be named, and that the licence's text goes with the code. */
export const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'] as const

/**
 * The page docs/licences.md: the packages of which code is shipped.
 * @param functionSources the files of the functions' bundles, as their source maps name them
 */
export async function licencesPage(functionSources: readonly string[]): Promise<string> {
  const [inFunctions, inConsole] = [packagesOf(functionSources), packagesOf(await consoleSources())]
  const rows = [...new Set([...inFunctions, ...inConsole])].toSorted().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'))
    const where = [
      ...(inFunctions.has(folder) ? ['functions'] : []),
      ...(inConsole.has(folder) ? ['console'] : []),
    ]
    return `| ${name} | ${version} | ${license} | ${where.join(', ')} |`
  })
  return `${INTRODUCTION}\n\n| package | version | licence | in |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

/** `node_modules/@scope/name` of every file that is a package's. */
const packagesOf = (files: readonly string[]): Set<string> =>
  new Set(
    files.flatMap((file) => /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  )

/** As console/server/assets.ts builds the pages. */
async function consoleSources(): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join('console', 'web', 'main.tsx')],
    outdir: 'assets',
    ...{ bundle: true, splitting: true, format: 'esm', minify: true },
    ...{ metafile: true, write: false, logLevel: 'silent' },
  })
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  )
}

const INTRODUCTION = `# Licences of what is shipped

The packages whose code is in the functions' bundles or in the console's pages, by their own package.json. Keeper itself is
under the [MIT licence](../LICENSE). Tools that build and test are not shipped and not listed; Kafka, Postgres, OpenSearch and
Node are programs of their own, under Apache-2.0, the PostgreSQL licence, Apache-2.0 and MIT.

A deployment into your own account passes nothing on. Bundles hold no texts of licences, so whoever gives bundles to others
gives these texts with them: each is in its package.

This page is made by \`npm run licences\`. A test compares it with the bundles, and accepts these licences alone:
${ALLOWED.join(', ')}.`
