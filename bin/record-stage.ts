import { readFileSync, writeFileSync } from 'node:fs'
import { codeOf } from '../lambdas/core/errors.ts'
import {
  DEPLOYED_STAGES,
  type DeployedStage,
  readDeployedStages,
  STAGE_METADATA,
} from '../lib/deployed-stage.ts'

/**
 * Records what a stage was deployed with: run `npm run record-stage -- <stage> [cdk.out]` after each deployment and
 * commit the file. From then on the stage is protected against deletion, and a synthesis fails if AWS would refuse to
 * deploy it or if it would replace resources that hold the stage's data.
 */
const [stage, outdir = 'cdk.out'] = process.argv.slice(2)

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}

/** The data stack's template, as it was synthesized for the deployment. */
function recordIn(file: string): DeployedStage {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')).Metadata?.[STAGE_METADATA]
    return record ?? fail(`${file} has no record of its stage: synthesize it with this version of Keeper.`)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    return fail(
      `${file} does not exist: run npx cdk synth with the deployment's settings, or pass the directory that it wrote to.`,
    )
  }
}

if (!stage) fail('Name the stage that was deployed: npm run record-stage -- <stage> [cdk.out].')
const record = recordIn(`${outdir}/keeper-${stage}-data.template.json`)
const stages = { ...readDeployedStages(), [stage]: record }
writeFileSync(DEPLOYED_STAGES, `${JSON.stringify(stages, null, 2)}\n`)
console.log(`Recorded stage ${stage} in lib/deployed-stages.json: commit the file.`)
