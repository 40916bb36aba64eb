import { mappingUuid } from '../account.ts'
import { own } from '../own.ts'
import { type Resource, resourceId } from '../template/assembly.ts'
import {
  isFalse,
  isTrue,
  list,
  logicalIdOf,
  number,
  numeric,
  referenced,
  unreadable,
} from '../template/properties.ts'
import type { Destination } from './destination.ts'
import { type ErrorControls, NO_ERROR_CONTROLS } from './error-controls.ts'

/** AWS::Lambda::EventSourceMapping of a Kafka topic. What is undefined is as AWS does without it. */
export interface MappingResource {
  /** Its stack and logical name, `shop/Orders`: its UUID follows from it. */
  readonly name: string
  readonly functionId: string
  readonly topic: string
  /** Whether Kafka is the user's own (SelfManagedEventSource), and not MSK's. */
  readonly isSelfManaged?: boolean | undefined
  /** As in AWS, the mapping's UUID where the template names none. */
  readonly consumerGroupId: string
  readonly batchSize: number
  /** Undefined where the template has none: 500 ms. */
  readonly windowSeconds: number | undefined
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP'
  /** For AT_TIMESTAMP: seconds since 1970. */
  readonly startingTimestampSeconds?: number | undefined
  readonly reportBatchItemFailures: boolean
  /** Provisioned mode; on demand there is one poller, and more with lag. */
  readonly pollers?: { readonly minimum: number; readonly maximum: number } | undefined
  readonly errorControls?: ErrorControls | undefined
  /** FilterCriteria's patterns, as text. */
  readonly filters?: readonly string[] | undefined
  /** MetricsConfig's groups, such as EventCount. */
  readonly metricGroups?: readonly string[] | undefined
  /** False for one that begins disabled. */
  readonly enabled?: boolean | undefined
}

/** Reads a mapping as it is written; `mappingProblems` says what of it AWS refuses. */
export function readMapping(resource: Resource, resources: readonly Resource[]): MappingResource {
  const { properties } = resource
  const isSelfManaged = properties.SelfManagedEventSource !== undefined
  const config = (
    isSelfManaged
      ? properties.SelfManagedKafkaEventSourceConfig
      : properties.AmazonManagedKafkaEventSourceConfig
  ) as { ConsumerGroupId?: unknown } | undefined
  const [topic] = list(properties.Topics)
  const { StartingPosition: startingPosition } = properties
  const timestamp = numeric(properties.StartingPositionTimestamp)
  if (typeof topic !== 'string') throw unreadable(resource, 'Topics', properties.Topics, 'one topic')
  if (
    startingPosition !== 'TRIM_HORIZON' &&
    startingPosition !== 'LATEST' &&
    startingPosition !== 'AT_TIMESTAMP'
  ) {
    throw unreadable(resource, 'StartingPosition', startingPosition, 'TRIM_HORIZON, LATEST or AT_TIMESTAMP')
  }
  const name = resourceId(resource.stack, resource.logicalId)
  const window = properties.MaximumBatchingWindowInSeconds
  const bisect = properties.BisectBatchOnFunctionError
  return {
    name,
    functionId: referenced(resource, 'FunctionName'),
    topic,
    isSelfManaged: isSelfManaged || undefined,
    consumerGroupId: typeof config?.ConsumerGroupId === 'string' ? config.ConsumerGroupId : mappingUuid(name),
    batchSize: number(resource, 'BatchSize', 100),
    windowSeconds: window === undefined ? undefined : number(resource, 'MaximumBatchingWindowInSeconds', 0),
    startingPosition,
    startingTimestampSeconds: typeof timestamp === 'number' ? timestamp : undefined,
    reportBatchItemFailures: list(properties.FunctionResponseTypes).includes('ReportBatchItemFailures'),
    pollers: readPollers(resource),
    errorControls: {
      bisectBatchOnFunctionError: isTrue(bisect),
      maximumRetryAttempts: number(resource, 'MaximumRetryAttempts', NO_ERROR_CONTROLS.maximumRetryAttempts),
      maximumRecordAgeSeconds: number(
        resource,
        'MaximumRecordAgeInSeconds',
        NO_ERROR_CONTROLS.maximumRecordAgeSeconds,
      ),
      onFailure: readDestination(resource, resources),
    },
    filters: readFilters(resource),
    metricGroups: list((properties.MetricsConfig as { Metrics?: unknown } | undefined)?.Metrics).map(String),
    enabled: isFalse(properties.Enabled) ? false : undefined,
  }
}

function readPollers(resource: Resource): MappingResource['pollers'] {
  const { ProvisionedPollerConfig: config } = resource.properties
  if (config === undefined) return undefined
  const { MinimumPollers = 1, MaximumPollers = 200 } = config as Record<string, unknown>
  const [minimum, maximum] = [numeric(MinimumPollers), numeric(MaximumPollers)]
  if (typeof minimum !== 'number' || typeof maximum !== 'number') {
    throw unreadable(resource, 'ProvisionedPollerConfig', config, 'numbers')
  }
  return { minimum, maximum }
}

function readFilters(resource: Resource): readonly string[] {
  const { FilterCriteria: criteria } = resource.properties
  const filters = list((criteria as { Filters?: unknown } | undefined)?.Filters)
  return filters.map((filter) => {
    const { Pattern: pattern } = filter as { Pattern?: unknown }
    if (typeof pattern === 'string') return pattern
    throw unreadable(resource, 'FilterCriteria', criteria, 'patterns as texts')
  })
}

/** What stands for a bucket, queue or topic of SNS, by its type. */
const KINDS: Readonly<Record<string, 's3' | 'sqs' | 'sns'>> = {
  'AWS::S3::Bucket': 's3',
  'AWS::SQS::Queue': 'sqs',
  'AWS::SNS::Topic': 'sns',
}

function readDestination(resource: Resource, resources: readonly Resource[]): Destination | undefined {
  const { DestinationConfig: config } = resource.properties
  const destination = (config as { OnFailure?: { Destination?: unknown } } | undefined)?.OnFailure
    ?.Destination
  if (destination === undefined) return undefined
  if (typeof destination === 'string') {
    const [, topic] = /^kafka:\/\/(.+)$/.exec(destination) ?? []
    if (topic !== undefined) return { kind: 'kafka', topic }
    const [, kind, name] = /^arn:[^:]*:(s3|sqs|sns):.*?([^:/]+)$/.exec(destination) ?? []
    if (name !== undefined) return { kind: kind as 's3' | 'sqs' | 'sns', name }
  }
  const logicalId = logicalIdOf(destination)
  const found = resources.find((other) => other.stack === resource.stack && other.logicalId === logicalId)
  const kind = found && own(KINDS, found.type)
  if (found && kind) return { kind, name: found.logicalId }
  throw unreadable(resource, 'DestinationConfig', config, 'a topic of Kafka, bucket, queue or topic of SNS')
}
