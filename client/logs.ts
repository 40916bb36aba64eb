import { setTimeout as sleep } from 'node:timers/promises'
import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs'
import { ClientError, explained } from './client-error.ts'
import type { Keeper } from './keeper.ts'
import { partNamed, partsOf } from './parts.ts'

/** A line of a function's log. */
export interface LogEvent {
  readonly at: Date
  readonly line: string
  /** Of the execution environment that wrote it. */
  readonly stream: string
}

/** What of a log is read. */
export interface LogReading {
  /** In CloudWatch's own syntax: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html */
  readonly filter?: string
  readonly since: Date
  /** Whether lines to come are waited for; then the reading does not end. */
  readonly follow: boolean
}

const POLL_MS = 1_000

/** Lines of several streams come late, and not in their order: how far back each poll looks again. */
const OVERLAP_MS = 10_000

/**
 * Lines of a function's log, the oldest first. A function that has never run has none.
 * @throws ClientError `no_such_function` with names like it, `bad_filter`
 */
export async function* readLog(
  keeper: Keeper,
  functionName: string,
  { filter, since, follow }: LogReading,
): AsyncGenerator<LogEvent> {
  const { awsName } = partNamed((await partsOf(keeper)).functions, 'function', functionName)
  const logGroupName = await logGroupOf(keeper, awsName)
  // By id, so that what is looked at again is given once.
  let seen = new Map<string, number>()
  let startTime = since.getTime()
  for (;;) {
    for await (const { eventId = '', timestamp = 0, message = '', logStreamName = '' } of eventsOf(keeper, {
      ...{ logGroupName, startTime, filterPattern: filter },
    })) {
      if (seen.has(eventId)) continue
      if (follow) seen.set(eventId, timestamp)
      yield { at: new Date(timestamp), line: message.trimEnd(), stream: logStreamName }
    }
    if (!follow) return
    const newestMs = Math.max(0, ...seen.values())
    startTime = Math.max(startTime, newestMs - OVERLAP_MS)
    seen = new Map([...seen].filter(([, atMs]) => atMs >= startTime))
    await sleep(POLL_MS)
  }
}

/** A function that has not been invoked has no log group on AWS where Lambda makes it; ours are made by the stack. */
async function logGroupOf(keeper: Keeper, functionName: string): Promise<string> {
  const { GetFunctionConfigurationCommand } = await import('@aws-sdk/client-lambda')
  const client = await keeper.aws.lambda()
  const { LoggingConfig } = await client
    .send(new GetFunctionConfigurationCommand({ FunctionName: functionName }))
    .catch((error: unknown) => {
      throw explained(error, keeper.title, 'lambda:GetFunctionConfiguration')
    })
  return LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`
}

async function* eventsOf(
  keeper: Keeper,
  query: { readonly logGroupName: string; readonly startTime: number; readonly filterPattern?: string },
): AsyncGenerator<FilteredLogEvent> {
  const { paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs')
  const client = await keeper.aws.logs()
  try {
    for await (const { events = [] } of paginateFilterLogEvents({ client }, query)) yield* events
  } catch (error) {
    const { name, message } = error as Error
    if (name === 'InvalidParameterException' && query.filterPattern !== undefined) {
      throw new ClientError('bad_filter', `CloudWatch cannot read the filter: ${message}`, error)
    }
    throw explained(error, keeper.title, 'logs:FilterLogEvents')
  }
}
