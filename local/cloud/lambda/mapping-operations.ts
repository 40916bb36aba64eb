import { arn, CLUSTER_ARN, functionArn, mappingUuid } from '../account.ts'
import { NO_ERROR_CONTROLS } from '../mapping/error-controls.ts'
import type { MappingResource } from '../mapping/mapping-resource.ts'
import { ApiError, type ApiRequest } from '../protocols/api.ts'
import { Input, pageOf } from '../protocols/input.ts'
import { fromJson } from '../protocols/json.ts'
import { type Route, restJsonAnswer } from '../protocols/rest-json.ts'
import { functionNameOf } from './function-name.ts'
import type { SwitchedMapping } from './switched-mapping.ts'

const MAPPINGS = '/2015-03-31/event-source-mappings'
const INVALID = 'InvalidParameterValueException'

/**
 * Mappings listed, shown, disabled and enabled; what else they are is the template's.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html
 * https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
 */
export const mappingOperations = (mappings: readonly SwitchedMapping[]): readonly Route[] => [
  {
    method: 'GET',
    path: MAPPINGS,
    answer: (_, { query }) => {
      const input = new Input(Object.fromEntries(query), INVALID)
      const name = input.optionalText('FunctionName')
      const source = input.optionalText('EventSourceArn')
      const found = mappings.filter(
        ({ functionName, resource }) =>
          (source === undefined || (source === CLUSTER_ARN && !resource.isSelfManaged)) &&
          (name === undefined || functionNameOf(name) === functionName),
      )
      const size = input.integer('MaxItems', 1, 10_000) ?? 100
      const { items, next } = pageOf(found, Math.min(size, 100), input.optionalText('Marker'), INVALID)
      return restJsonAnswer(200, { EventSourceMappings: items.map(configurationOf), NextMarker: next })
    },
  },
  {
    method: 'GET',
    path: `${MAPPINGS}/{UUID}`,
    answer: ({ UUID }) => restJsonAnswer(200, configurationOf(mappingOf(mappings, UUID))),
  },
  {
    method: 'PUT',
    path: `${MAPPINGS}/{UUID}`,
    answer: ({ UUID }, request) => {
      const mapping = mappingOf(mappings, UUID)
      update(mapping, request)
      return restJsonAnswer(202, configurationOf(mapping))
    },
  },
]

const uuidOf = ({ resource }: SwitchedMapping): string => mappingUuid(resource.name)

function mappingOf(mappings: readonly SwitchedMapping[], uuid: string | undefined): SwitchedMapping {
  const found = mappings.find((mapping) => uuidOf(mapping) === uuid)
  if (found) return found
  const known = mappings.map(uuidOf).join(', ') || 'none'
  throw new ApiError(
    'ResourceNotFoundException',
    `The resource you requested does not exist: event source mapping ${uuid}. There are ${known}.`,
    { status: 404 },
  )
}

function update(mapping: SwitchedMapping, { body }: ApiRequest): void {
  const input = new Input(fromJson(body), INVALID)
  const others = input.names.filter((name) => name !== 'Enabled' && name !== 'FunctionName')
  if (others.length > 0) {
    input.refuse(`${others.join(', ')} cannot be changed here, only Enabled: change it in the template.`)
  }
  const name = input.optionalText('FunctionName')
  if (name !== undefined && functionNameOf(name) !== mapping.functionName) {
    input.refuse(`FunctionName cannot be changed here: it is ${mapping.functionName} in the template.`)
  }
  const enabled = input.flag('Enabled')
  if (mapping.state !== 'Enabled' && mapping.state !== 'Disabled') {
    throw new ApiError(
      'ResourceInUseException',
      `Cannot update the event source mapping because it is in use: it is ${mapping.state}.`,
    )
  }
  if (enabled === true) mapping.enable()
  if (enabled === false) mapping.disable()
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html */
function configurationOf(mapping: SwitchedMapping) {
  const { resource, functionName, state, lastModifiedMs, lastProcessingResult } = mapping
  const { errorControls = NO_ERROR_CONTROLS, pollers, filters = [], metricGroups = [] } = resource
  const timestamp = resource.startingTimestampSeconds
  return {
    UUID: uuidOf(mapping),
    EventSourceMappingArn: arn('lambda', `event-source-mapping:${uuidOf(mapping)}`),
    ...sourceOf(mapping),
    FunctionArn: functionArn(functionName),
    Topics: [resource.topic],
    State: state,
    StateTransitionReason: 'USER_INITIATED',
    LastModified: new Date(lastModifiedMs),
    LastProcessingResult: lastProcessingResult,
    StartingPosition: resource.startingPosition,
    StartingPositionTimestamp: timestamp === undefined ? undefined : new Date(timestamp * 1_000),
    BatchSize: resource.batchSize,
    MaximumBatchingWindowInSeconds: resource.windowSeconds,
    FunctionResponseTypes: resource.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    BisectBatchOnFunctionError: errorControls.bisectBatchOnFunctionError,
    MaximumRetryAttempts: errorControls.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: errorControls.maximumRecordAgeSeconds,
    DestinationConfig: destinationOf(resource),
    ProvisionedPollerConfig: pollers && { MinimumPollers: pollers.minimum, MaximumPollers: pollers.maximum },
    FilterCriteria: filters.length > 0 ? { Filters: filters.map((Pattern) => ({ Pattern })) } : undefined,
    MetricsConfig: metricGroups.length > 0 ? { Metrics: metricGroups } : undefined,
  }
}

/** Self-managed Kafka has brokers in place of an ARN. */
function sourceOf({ resource, bootstrapServers }: SwitchedMapping) {
  const config = { ConsumerGroupId: resource.consumerGroupId }
  if (!resource.isSelfManaged) {
    return { EventSourceArn: CLUSTER_ARN, AmazonManagedKafkaEventSourceConfig: config }
  }
  return {
    SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: bootstrapServers.split(',') } },
    SelfManagedKafkaEventSourceConfig: config,
  }
}

function destinationOf({ errorControls }: MappingResource) {
  const destination = errorControls?.onFailure
  if (!destination) return undefined
  if (destination.kind === 'kafka') return { OnFailure: { Destination: `kafka://${destination.topic}` } }
  const { kind, name } = destination
  return { OnFailure: { Destination: kind === 's3' ? `arn:aws:s3:::${name}` : arn(kind, name) } }
}
