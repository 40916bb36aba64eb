import { messageOf } from '../cloud-error.ts'
import type { Resource } from '../template/assembly.ts'
import { list } from '../template/properties.ts'
import { compileFilter, undocumentedFields } from './filter.ts'
import type { MappingResource } from './mapping-resource.ts'

/** Properties that Lambda takes for Kafka in provisioned mode only. */
const PROVISIONED_ONLY = [
  'FunctionResponseTypes',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
]

/** Lambda waits no longer for a function that Kafka invokes. */
const MOST_TIMEOUT_SECONDS = 14 * 60

const MOST_FILTERS = 10

/**
 * What AWS refuses of a mapping, in a sentence each.
 * https://docs.aws.amazon.com/lambda/latest/dg/msk-esm-parameters.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
 */
export function mappingProblems(
  { properties }: Resource,
  mapping: MappingResource,
  timeoutSeconds: number,
): readonly string[] {
  const { batchSize, windowSeconds, consumerGroupId, startingPosition, errorControls, pollers } = mapping
  const topics = list(properties.Topics)
  const destination = errorControls?.onFailure
  const provisionedOnly = [
    ...PROVISIONED_ONLY.filter((name) => properties[name] !== undefined),
    ...(destination?.kind === 'kafka' ? ['a Kafka topic as DestinationConfig'] : []),
  ]
  return [
    ...when(topics.length > 1, `Topics names ${topics.length} topics, and Lambda takes exactly one`),
    ...outside('BatchSize', batchSize, 1, 10_000),
    ...outside('MaximumBatchingWindowInSeconds', windowSeconds, 0, 300),
    ...outside('the length of ConsumerGroupId', consumerGroupId.length, 1, 200),
    ...outside('MaximumRetryAttempts', errorControls?.maximumRetryAttempts, 0, 10_000, -1),
    ...outside('MaximumRecordAgeInSeconds', errorControls?.maximumRecordAgeSeconds, 60, 604_800, -1),
    ...outside('MinimumPollers', pollers?.minimum, 1, 200),
    ...outside('MaximumPollers', pollers?.maximum, 1, 2_000),
    ...when(
      pollers !== undefined && pollers.minimum > pollers.maximum,
      `MinimumPollers (${pollers?.minimum}) is above MaximumPollers (${pollers?.maximum})`,
    ),
    ...when(
      pollers === undefined && provisionedOnly.length > 0,
      `${provisionedOnly.join(' and ')} belongs to provisioned mode, and ProvisionedPollerConfig is not set`,
    ),
    ...when(
      destination?.kind === 'kafka' && destination.topic === topics[0],
      'the on-failure destination is the topic that the mapping reads',
    ),
    ...when(
      (startingPosition === 'AT_TIMESTAMP') !== (properties.StartingPositionTimestamp !== undefined),
      'StartingPositionTimestamp goes with StartingPosition AT_TIMESTAMP, and neither without the other',
    ),
    ...when(
      timeoutSeconds > MOST_TIMEOUT_SECONDS,
      `the function's timeout is ${timeoutSeconds} s, and at most ${MOST_TIMEOUT_SECONDS} s are allowed`,
    ),
    ...filterProblems(mapping.filters ?? []),
  ]
}

/** Properties that AWS gives a meaning and that have none here. */
const NOT_EMULATED = ['KmsKeyArn', 'LoggingConfig']

/** What a mapping sets that has no effect here, by type and property. */
export function notEmulated({ type, properties }: Resource): readonly string[] {
  const { ProvisionedPollerConfig: pollers } = properties
  const names = NOT_EMULATED.filter((name) => properties[name] !== undefined)
  for (const name of ['AmazonManagedKafkaEventSourceConfig', 'SelfManagedKafkaEventSourceConfig']) {
    if (hasOwn(properties[name], 'SchemaRegistryConfig')) names.push(`${name}.SchemaRegistryConfig`)
  }
  if (hasOwn(pollers, 'PollerGroupName')) names.push('ProvisionedPollerConfig.PollerGroupName')
  return names.map((name) => `${type} ${name}`)
}

/** What a mapping asks for that AWS's pages exclude, and that is evaluated here all the same: a sentence. */
export function undocumented({ path }: Resource, { filters = [] }: MappingResource): readonly string[] {
  const fields = undocumentedFields(filters)
  return fields.length === 0
    ? []
    : [
        `${path} filters by ${fields.join(', ')}: AWS's pages exclude it, AWS's sample shows it; it is evaluated`,
      ]
}

/** The two that contradict each other. */
export const FILTER_SOURCES = [
  'https://docs.aws.amazon.com/lambda/latest/dg/kafka-filtering.html',
  'https://github.com/aws-samples/serverless-patterns/tree/main/lambda-esm-msk-filters-sam',
] as const

function filterProblems(filters: readonly string[]): readonly string[] {
  try {
    compileFilter(filters)
    return outside('the number of filters', filters.length, 0, MOST_FILTERS)
  } catch (error) {
    return [messageOf(error)]
  }
}

function outside(
  name: string,
  value: number | undefined,
  least: number,
  most: number,
  or?: number,
): string[] {
  if (value === undefined || value === or) return []
  return when(
    !Number.isInteger(value) || value < least || value > most,
    `${name} is ${value}, and Lambda takes ${or === undefined ? '' : `${or} or `}${least} to ${most}`,
  )
}

const when = (condition: boolean, problem: string): string[] => (condition ? [problem] : [])

const hasOwn = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
