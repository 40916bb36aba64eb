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
 * What pg loads only when asked for, and nothing here asks: its variant on libpq, password files and sockets of
 * another platform.
 */
const NEVER_LOADED = ['pg-native', '*/native', 'pgpass', 'pg-cloudflare']

const NO_CONNECTION_STRINGS = join(PROJECT_ROOT, 'lambdas', 'core', 'postgres', 'no-connection-strings.ts')

/**
 * The code of lambdas/`source`/handler.ts as one minified ES module, index.mjs. Made with esbuild's own API, in this
 * process: the CDK's NodejsFunction starts npx for each function (docs/decisions/cdk-bundles.md).
 * @param folder a folder of the project that is copied beside index.mjs, under its own name
 */
export const bundleOf = (source: string, folder?: string): Code =>
  Code.fromAsset(join(PROJECT_ROOT, 'lambdas', source), {
    // The upload changes when the bundle does, whatever else changed in its folder.
    assetHashType: AssetHashType.OUTPUT,
    bundling: { image: NO_DOCKER, local: bundling(source, folder) },
  })

/** The CDK asks for an image to fall back on; the local bundling never needs it. */
const NO_DOCKER = DockerImage.fromRegistry('no-image-is-needed')

const bundling = (source: string, folder: string | undefined): ILocalBundling => ({
  tryBundle(outputDirectory) {
    const { outputFiles } = buildSync({
      // Paths in the source map are relative to the project, so that the bundle is the same in every checkout.
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
      // Beside the bundle but not linked from it: stack traces can be decoded, cold starts do not load it.
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
