import { cpSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { AssetHashType, DockerImage, type ILocalBundling } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { buildSync } from 'esbuild'
import { bundleOptions } from './bundle-options.ts'

const PROJECT_ROOT = join(import.meta.dirname, '..', '..', '..')

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
    const { outputFiles } = buildSync({ ...bundleOptions(source), write: false })
    for (const { path, contents } of outputFiles) {
      writeFileSync(join(outputDirectory, basename(path)), contents)
    }
    if (folder) {
      cpSync(join(PROJECT_ROOT, folder), join(outputDirectory, basename(folder)), { recursive: true })
    }
    return true
  },
})
