import { join } from 'node:path'
import type { BuildOptions } from 'esbuild'

const PROJECT_ROOT = join(import.meta.dirname, '..', '..', '..')

/** pg and kafkajs are CommonJS: inside an ES module their `require` calls need one. */
const REQUIRE_BANNER =
  "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);"

/**
 * Parts of pg that are loaded only on request and never used here: its libpq variant, password files, and another
 * platform's sockets.
 */
const NEVER_LOADED = ['pg-native', '*/native', 'pgpass', 'pg-cloudflare']

const NO_CONNECTION_STRINGS = join(PROJECT_ROOT, 'lambdas', 'core', 'postgres', 'no-connection-strings.ts')

/** How lambdas/`source`/handler.ts becomes one minified ES module, index.mjs; without the CDK, which takes a second to load. */
export const bundleOptions = (source: string) =>
  ({
    // Source map paths are relative to the project, so that every checkout produces the same bundle.
    absWorkingDir: PROJECT_ROOT,
    entryPoints: [join('lambdas', source, 'handler.ts')],
    outfile: 'index.mjs',
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    legalComments: 'none',
    // Beside the bundle but not linked from it, so that stack traces can be decoded without slowing down cold starts.
    sourcemap: 'external',
    sourcesContent: false,
    banner: { js: REQUIRE_BANNER },
    mainFields: ['module', 'main'],
    external: NEVER_LOADED,
    alias: { 'pg-connection-string': NO_CONNECTION_STRINGS },
    logLevel: 'warning',
  }) as const satisfies BuildOptions
