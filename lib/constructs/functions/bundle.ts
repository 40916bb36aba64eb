import { cpSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { AssetHashType, DockerImage, type ILocalBundling } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { buildSync } from 'esbuild'

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

/**
 * Bundles lambdas/`source`/handler.ts into one minified ES module, index.mjs. Uses esbuild's API in this process,
 * because the CDK's NodejsFunction starts npx for each function (docs/decisions/cdk-bundles.md).
 * @param folder a folder of the project that is copied beside index.mjs, under its own name
 */
export const bundleOf = (source: string, folder?: string): Code =>
  Code.fromAsset(join(PROJECT_ROOT, 'lambdas', source), {
    // The asset's hash depends on the bundle alone, not on other files in the folder.
    assetHashType: AssetHashType.OUTPUT,
    bundling: { image: NO_DOCKER, local: bundling(source, folder) },
  })

/** The CDK requires a fallback image; the local bundling never uses it. */
const NO_DOCKER = DockerImage.fromRegistry('no-image-is-needed')

const bundling = (source: string, folder: string | undefined): ILocalBundling => ({
  tryBundle(outputDirectory) {
    const { outputFiles } = buildSync({
      // Source map paths are relative to the project, so that every checkout produces the same bundle.
      absWorkingDir: PROJECT_ROOT,
      entryPoints: [join('lambdas', source, 'handler.ts')],
      outfile: 'index.mjs',
      write: false,
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
    })
    for (const { path, contents } of outputFiles) {
      writeFileSync(join(outputDirectory, basename(path)), contents)
    }
    if (folder) {
      cpSync(join(PROJECT_ROOT, folder), join(outputDirectory, basename(folder)), { recursive: true })
    }
    return true
  },
})
