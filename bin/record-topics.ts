import { readFileSync, writeFileSync } from 'node:fs'
import { DEPLOYED_TOPICS, type DeployedTopics } from '../lib/deployed-topics.ts'

/**
 * Records the topics of a stage that was deployed: `node bin/record-topics.ts <stage> [cdk.out]`, and commit the file.
 * From then on a synthesis that would replace one of them, or take partitions from it, fails.
 */
const [stage, outdir = 'cdk.out'] = process.argv.slice(2)
if (!stage) {
  console.error('Name the stage that was deployed: node bin/record-topics.ts <stage> [cdk.out].')
  process.exit(1)
}

interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
  >
}

const { Resources }: Template = JSON.parse(
  readFileSync(`${outdir}/keeper-${stage}-data.template.json`, 'utf8'),
)
const topics = Object.values(Resources)
  .filter(({ Type }) => Type === 'AWS::MSK::Topic')
  .map(({ Properties: { TopicName, PartitionCount, ReplicationFactor, ClusterArn } }) => [
    String(TopicName),
    {
      partitions: Number(PartitionCount),
      replicationFactor: Number(ReplicationFactor),
      cluster: typeof ClusterArn === 'string' ? ClusterArn : 'made',
    },
  ])

const deployed: DeployedTopics = JSON.parse(readFileSync(DEPLOYED_TOPICS, 'utf8'))
writeFileSync(
  DEPLOYED_TOPICS,
  `${JSON.stringify({ ...deployed, [stage]: Object.fromEntries(topics) }, null, 2)}\n`,
)
console.log(`${topics.length} topics of ${stage} are in lib/deployed-topics.json; commit it.`)
