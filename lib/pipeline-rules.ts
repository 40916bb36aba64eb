import { Stack } from 'aws-cdk-lib'
import { CfnEventSourceMapping, CfnFunction } from 'aws-cdk-lib/aws-lambda'
import { CfnConfiguration, CfnTopic } from 'aws-cdk-lib/aws-msk'
import type { IConstruct, IValidation } from 'constructs'
import * as ENVIRONMENT from '../lambdas/core/environment-names.ts'
import { decodeTopicConfigs } from './constructs/kafka/kafka-topics.ts'
import { KAFKA_MAPPING, REPLAY } from './limits.ts'

const MAX_CONSUMER_TIMEOUT_S = KAFKA_MAPPING.timeout.toSeconds()

/** Properties of a mapping that Lambda accepts only in provisioned mode, by their name in a template. */
const ERROR_CONTROLS = {
  functionResponseTypes: 'FunctionResponseTypes',
  bisectBatchOnFunctionError: 'BisectBatchOnFunctionError',
  maximumRetryAttempts: 'MaximumRetryAttempts',
  maximumRecordAgeInSeconds: 'MaximumRecordAgeInSeconds',
} as const

/**
 * Rules that AWS or docs/events.md imposes and the CDK does not check: a synthesis that breaks one fails with a sentence
 * that says what to change. The rules read the resources, whichever construct created them.
 */
export class PipelineRules implements IValidation {
  readonly #scope: IConstruct

  private constructor(scope: IConstruct) {
    this.#scope = scope
  }

  /** Checks everything below `scope` at each synthesis. */
  static apply(scope: IConstruct): void {
    scope.node.addValidation(new PipelineRules(scope))
  }

  validate(): string[] {
    const resources = this.#scope.node.findAll()
    const functions = resources.filter((resource) => resource instanceof CfnFunction)
    return resources.flatMap((resource) => {
      if (resource instanceof CfnEventSourceMapping) return mappingProblems(resource, functions)
      if (resource instanceof CfnTopic) return topicProblems(resource)
      if (resource instanceof CfnConfiguration) return configurationProblems(resource)
      return []
    })
  }
}

function mappingProblems(mapping: CfnEventSourceMapping, functions: CfnFunction[]): string[] {
  const where = mapping.node.path
  const problems: string[] = []

  const { batchSize } = mapping
  if (batchSize !== undefined && (batchSize < 1 || batchSize > KAFKA_MAPPING.batchSize)) {
    problems.push(
      `${where}: set the batch size (${batchSize}) to 1 to ${KAFKA_MAPPING.batchSize}, Lambda's range.`,
    )
  }

  if (!mapping.provisionedPollerConfig) {
    const used = Object.entries(ERROR_CONTROLS)
      .filter(([property]) => mapping[property as keyof typeof ERROR_CONTROLS] !== undefined)
      .map(([, name]) => name)
    if (used.length > 0) {
      problems.push(
        `${where}: remove ${used.join(' and ')} or give the consumer pollers, because Lambda accepts error controls for Kafka only in provisioned mode.`,
      )
    }
  }

  const consumer = functions.find((candidate) => invokes(mapping, candidate))
  if (!consumer) return problems

  const timeout = consumer.timeout ?? 0
  if (timeout > MAX_CONSUMER_TIMEOUT_S) {
    problems.push(
      `${consumer.node.path}: lower the timeout (${timeout} s) to at most ${MAX_CONSUMER_TIMEOUT_S} s, the limit for a function that Kafka invokes.`,
    )
  }

  const reports = mapping.functionResponseTypes?.includes('ReportBatchItemFailures') ?? false
  if (environmentOf(consumer)[ENVIRONMENT.partialBatchResponse] === 'true' && !reports) {
    problems.push(
      `${consumer.node.path}: set ${ENVIRONMENT.partialBatchResponse} to false or report batch item failures on ${where}, or Lambda commits the records that the function returns as failed.`,
    )
  }
  return problems
}

function topicProblems(topic: CfnTopic): string[] {
  const configs = topic.configs ? decodeTopicConfigs(topic.configs) : {}
  return retentionProblems(topic, 'retention.ms', configs['retention.ms'], 3_600_000)
}

function configurationProblems(configuration: CfnConfiguration): string[] {
  const line = configuration.serverProperties
    .split('\n')
    .find((property) => property.startsWith('log.retention.hours='))
  return retentionProblems(configuration, 'log.retention.hours', line?.split('=')[1], 1)
}

function retentionProblems(
  resource: IConstruct,
  name: string,
  value: string | undefined,
  unitsPerHour: number,
): string[] {
  const least = REPLAY.toHours() * unitsPerHour
  // -1 keeps records for ever; without a value the broker's default applies.
  if (value === undefined || value === '-1' || Number(value) >= least) return []
  return [
    `${resource.node.path}: raise ${name} (${value}) to at least ${least}, because the last ${REPLAY.toHours()} hours must be available for a replay.`,
  ]
}

const invokes = (mapping: CfnEventSourceMapping, candidate: CfnFunction): boolean => {
  const stack = Stack.of(mapping)
  return (
    JSON.stringify(stack.resolve(mapping.functionName)) === JSON.stringify(stack.resolve(candidate.ref)) &&
    Stack.of(candidate) === stack
  )
}

const environmentOf = (consumer: CfnFunction): Readonly<Record<string, unknown>> =>
  Stack.of(consumer).resolve(consumer.environment)?.variables ?? {}
