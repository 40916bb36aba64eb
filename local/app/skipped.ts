import { isCdkHelper } from '../cloud/lambda/function-resource.ts'
import type { Resource } from '../cloud/template/assembly.ts'

/** What is stood in for, or read together with what runs. */
const TAKEN = /^(AWS::(MSK|RDS)::|AWS::Lambda::(Version|Alias)$|Custom::Trigger$)/

/** What guards, connects, describes or logs: an app behaves the same here without it. */
const QUIET =
  /^(AWS::CDK::|AWS::IAM::|AWS::EC2::|AWS::Logs::|AWS::KMS::|AWS::SSM::|AWS::CloudFormation::|AWS::Lambda::Permission$|AWS::Scheduler::ScheduleGroup$|AWS::S3::BucketPolicy$|AWS::SQS::QueuePolicy$|AWS::SNS::TopicPolicy$)/

/** Properties of a function that change what its code finds, and are not there here. */
const WITHOUT_EFFECT = ['Layers', 'FileSystemConfigs']

/** Says once, by type, what of an app is not emulated. `running` is what is. */
export function skipped(resources: readonly Resource[], running: readonly Resource[]): readonly string[] {
  const taken = new Set(running.map(({ path, type }) => `${type} ${path}`))
  const left = resources.filter(({ path, type }) => !taken.has(`${type} ${path}`) && !TAKEN.test(type))
  const quiet = left.filter(isQuiet)
  const counts = new Map<string, number>()
  for (const resource of left.filter((each) => !isQuiet(each))) {
    counts.set(labelOf(resource), (counts.get(labelOf(resource)) ?? 0) + 1)
  }
  const listed = [...counts].sort().map(([label, count]) => `${label} (${count})`)
  const unset = WITHOUT_EFFECT.filter((name) => running.some(({ properties }) => isSet(properties[name])))
  return [
    ...(listed.length > 0 ? [`not emulated, and skipped: ${listed.join(', ')}`] : []),
    ...unset.map((name) => `AWS::Lambda::Function ${name} is set, but has no effect locally`),
    ...(quiet.length > 0 ? [`without a part here: ${quiet.length} of IAM, networks, logs and the CDK`] : []),
  ]
}

const isQuiet = (resource: Resource): boolean =>
  QUIET.test(resource.type) || (resource.type === 'AWS::Lambda::Function' && isCdkHelper(resource))

function labelOf({ type, properties }: Resource): string {
  if (type === 'AWS::Lambda::Function') return `${type} of ${properties.Runtime ?? 'a container image'}`
  if (type === 'AWS::Lambda::EventSourceMapping') {
    return `${type} of ${properties.Topics === undefined ? 'another source' : 'a function that does not run here'}`
  }
  return type === 'AWS::Scheduler::Schedule' ? `${type} of another target` : type
}

const isSet = (value: unknown): boolean => Array.isArray(value) && value.length > 0

/**
 * Functions of other runtimes and mappings of Kafka without their function, a sentence each: what AWS would run, and
 * nothing runs here. `running` is what does, or was refused by itself.
 */
export function withoutRuntime(
  resources: readonly Resource[],
  running: readonly Resource[],
): readonly string[] {
  const taken = new Set(running.map(({ path, type }) => `${type} ${path}`))
  return resources
    .filter(
      (resource) =>
        (resource.type === 'AWS::Lambda::Function' && !isCdkHelper(resource)) ||
        (resource.type === 'AWS::Lambda::EventSourceMapping' && resource.properties.Topics !== undefined),
    )
    .filter(({ path, type }) => !taken.has(`${type} ${path}`))
    .map((resource) => `${resource.path}: ${labelOf(resource)} does not run here.`)
}
