import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { arn } from '../account.ts'
import type { FunctionResource } from '../lambda/function-resource.ts'
import { logGroupOf } from '../lambda/log-group.ts'
import { ApiError, type AwsService, type Values } from '../protocols/api.ts'
import { Input, pageOf } from '../protocols/input.ts'
import { jsonService } from '../protocols/json.ts'
import { filterLogEvents, getLogEvents, STREAM } from './log-events.ts'

/** A function's log. */
interface LogGroup {
  readonly name: string
  readonly file: string
}

const INVALID = 'InvalidParameterException'

/**
 * CloudWatch Logs' API over the functions' logs.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
 */
export function createLogsApi(
  functions: readonly Pick<FunctionResource, 'name'>[],
  logDirectory: string,
): AwsService {
  const groups = functions.map(({ name }) => ({
    name: logGroupOf(name),
    file: join(logDirectory, `${name}.log`),
  }))
  return jsonService('1.1', 'Logs_20140328', {
    DescribeLogGroups: (values) => describeGroups(groups, new Input(values, INVALID)),
    DescribeLogStreams: async (values) => {
      const group = groupOf(groups, values)
      const prefix = new Input(values, INVALID).optionalText('logStreamNamePrefix') ?? ''
      return { logStreams: STREAM.startsWith(prefix) ? await streamsOf(group) : [] }
    },
    FilterLogEvents: (values) => filterLogEvents(groupOf(groups, values), new Input(values, INVALID)),
    GetLogEvents: (values) => getLogEvents(groupOf(groups, values), new Input(values, INVALID)),
  })
}

async function describeGroups(groups: readonly LogGroup[], input: Input) {
  const prefix = input.optionalText('logGroupNamePrefix') ?? ''
  const part = input.optionalText('logGroupNamePattern')?.toLowerCase() ?? ''
  const found = groups.filter(({ name }) => name.startsWith(prefix) && name.toLowerCase().includes(part))
  found.sort((a, b) => (a.name < b.name ? -1 : 1))
  const size = input.integer('limit', 1, 50) ?? 50
  const { items, next } = pageOf(found, size, input.optionalText('nextToken'), INVALID)
  return { logGroups: await Promise.all(items.map(described)), nextToken: next }
}

async function described({ name, file }: LogGroup) {
  const found = await stat(file).catch(() => undefined)
  const groupArn = arn('logs', `log-group:${name}`)
  return {
    logGroupName: name,
    creationTime: Math.floor(found?.birthtimeMs ?? 0),
    metricFilterCount: 0,
    arn: `${groupArn}:*`,
    logGroupArn: groupArn,
    logGroupClass: 'STANDARD',
    storedBytes: found?.size ?? 0,
  }
}

/** A function that has not run has no stream. */
async function streamsOf({ name, file }: LogGroup) {
  const found = await stat(file).catch(() => undefined)
  if (!found) return []
  return [
    {
      logStreamName: STREAM,
      creationTime: Math.floor(found.birthtimeMs),
      firstEventTimestamp: Math.floor(found.birthtimeMs),
      lastEventTimestamp: Math.floor(found.mtimeMs),
      lastIngestionTime: Math.floor(found.mtimeMs),
      arn: arn('logs', `log-group:${name}:log-stream:${STREAM}`),
      storedBytes: 0,
    },
  ]
}

/** A group is named by its name, or as an identifier by its ARN too. */
function groupOf(groups: readonly LogGroup[], values: Values): LogGroup {
  const input = new Input(values, INVALID)
  const given = input.optionalText('logGroupName') ?? input.text('logGroupIdentifier')
  const name = given.replace(/^arn:[^:]*:logs:[^:]*:[^:]*:log-group:/, '').replace(/:\*$/, '')
  const group = groups.find((each) => each.name === name)
  if (group) return group
  const known = groups.map((each) => each.name).join(', ') || 'none'
  throw new ApiError(
    'ResourceNotFoundException',
    `The specified log group does not exist: ${name}. There are ${known}.`,
  )
}
