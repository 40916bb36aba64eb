import { ACCOUNT, arn, functionArn, scheduleArn } from '../account.ts'
import { functionNameOf } from '../lambda/function-name.ts'
import type { FunctionResource } from '../lambda/function-resource.ts'
import { ApiError, type AwsService } from '../protocols/api.ts'
import { Input, pageOf } from '../protocols/input.ts'
import { fromJson } from '../protocols/json.ts'
import { restJsonAnswer, restJsonService } from '../protocols/rest-json.ts'
import { isJson, type ScheduleResource } from './schedule-resource.ts'
import { scheduleTimes } from './schedule-times.ts'
import type { ScheduleRecord, Schedules } from './schedules.ts'

const INVALID = 'ValidationException'

/**
 * EventBridge Scheduler's API, as far as it reads and changes schedules that are there.
 * https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListSchedules.html
 * https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html
 * https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html
 */
export function createSchedulerApi(schedules: Schedules, functions: readonly FunctionResource[]): AwsService {
  return restJsonService([
    {
      method: 'GET',
      path: '/schedules',
      answer: (_, { query }) => {
        const input = new Input(Object.fromEntries(query), INVALID)
        const prefix = input.optionalText('NamePrefix') ?? ''
        const group = input.optionalText('ScheduleGroup')
        const state = input.word('State', ['ENABLED', 'DISABLED'])
        const found = schedules.records.filter(
          ({ schedule }) =>
            schedule.name.startsWith(prefix) &&
            (group === undefined || groupOf(schedule) === group) &&
            (state === undefined || stateOf(schedule) === state),
        )
        const size = input.integer('MaxResults', 1, 100) ?? 100
        const { items, next } = pageOf(found, size, input.optionalText('NextToken'), INVALID)
        return restJsonAnswer(200, {
          Schedules: items.map((record) => summaryOf(record, functions)),
          NextToken: next,
        })
      },
    },
    {
      method: 'GET',
      path: '/schedules/{Name}',
      answer: ({ Name = '' }, { query }) =>
        restJsonAnswer(200, inFull(scheduleNamed(schedules, Name, query.get('groupName')), functions)),
    },
    {
      method: 'PUT',
      path: '/schedules/{Name}',
      answer: ({ Name = '' }, request) => {
        const input = new Input(fromJson(request.body), INVALID)
        const { schedule } = scheduleNamed(schedules, Name, input.optionalText('GroupName') ?? null)
        schedules.replace(schedule, updated(schedule, input, functions))
        return restJsonAnswer(200, { ScheduleArn: scheduleArn(schedule.name, schedule.group) })
      },
    },
  ])
}

function scheduleNamed({ records }: Schedules, name: string, group: string | null): ScheduleRecord {
  const wanted = group ?? 'default'
  const found = records.find(({ schedule }) => schedule.name === name && groupOf(schedule) === wanted)
  if (found) return found
  const known = records.map(({ schedule }) => `${groupOf(schedule)}/${schedule.name}`).join(', ') || 'none'
  throw new ApiError(
    'ResourceNotFoundException',
    `Schedule ${name} does not exist in the group ${wanted}. There are ${known}.`,
    { status: 404 },
  )
}

/** As AWS does, what an update leaves out becomes what it is by default, not what it was. */
function updated(
  { name, group }: ScheduleResource,
  input: Input,
  functions: readonly FunctionResource[],
): ScheduleResource {
  const target = input.structure('Target') ?? input.refuse('Target is required.')
  const window = input.structure('FlexibleTimeWindow') ?? input.refuse('FlexibleTimeWindow is required.')
  const retry = target.structure('RetryPolicy')
  const queue = target.structure('DeadLetterConfig')?.optionalText('Arn')
  const targetArn = target.text('Arn')
  const found = functions.find((each) => each.name === functionNameOf(targetArn))
  if (!found) {
    const known = functions.map((each) => functionArn(each.name)).join(', ')
    return input.refuse(`Target.Arn ${targetArn} is not a function here; there are ${known}.`)
  }
  const isFlexible = window.word('Mode', ['OFF', 'FLEXIBLE']) === 'FLEXIBLE'
  const schedule: ScheduleResource = {
    ...{ name, group, functionId: found.id },
    expression: input.text('ScheduleExpression'),
    timeZone: input.optionalText('ScheduleExpressionTimezone') ?? 'UTC',
    input: jsonIn(target),
    startMs: input.timeMs('StartDate'),
    endMs: input.timeMs('EndDate'),
    flexibleWindowMinutes: isFlexible ? window.integer('MaximumWindowInMinutes', 1, 1_440) : undefined,
    maximumRetryAttempts: retry?.integer('MaximumRetryAttempts', 0, 185),
    maximumEventAgeSeconds: retry?.integer('MaximumEventAgeInSeconds', 60, 86_400),
    deadLetterQueue: queue?.split(':').at(-1),
    enabled: input.word('State', ['ENABLED', 'DISABLED']) === 'DISABLED' ? false : undefined,
    description: input.optionalText('Description'),
  }
  try {
    scheduleTimes(schedule.expression, schedule.timeZone, schedule)
  } catch (error) {
    return input.refuse(`Invalid Schedule Expression ${schedule.expression}. ${(error as Error).message}`)
  }
  return schedule
}

/** Lambda takes JSON alone: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Target.html (Input) */
function jsonIn(target: Input): string | undefined {
  const given = target.optionalText('Input')
  return given === undefined || isJson(given)
    ? given
    : target.refuse('Target.Input must be well-formed JSON.')
}

const groupOf = ({ group = 'default' }: ScheduleResource): string => group

const stateOf = ({ enabled }: ScheduleResource): string => (enabled === false ? 'DISABLED' : 'ENABLED')

const targetArnOf = ({ functionId }: ScheduleResource, functions: readonly FunctionResource[]): string =>
  functionArn(functions.find(({ id }) => id === functionId)?.name ?? functionId)

const summaryOf = (
  { schedule, createdMs, modifiedMs }: ScheduleRecord,
  functions: readonly FunctionResource[],
) => ({
  Arn: scheduleArn(schedule.name, schedule.group),
  Name: schedule.name,
  GroupName: groupOf(schedule),
  State: stateOf(schedule),
  CreationDate: new Date(createdMs),
  LastModificationDate: new Date(modifiedMs),
  Target: { Arn: targetArnOf(schedule, functions) },
})

function inFull(record: ScheduleRecord, functions: readonly FunctionResource[]) {
  const { schedule } = record
  const { startMs, endMs, flexibleWindowMinutes, deadLetterQueue } = schedule
  return {
    ...summaryOf(record, functions),
    Description: schedule.description,
    ScheduleExpression: schedule.expression,
    ScheduleExpressionTimezone: schedule.timeZone,
    StartDate: startMs === undefined ? undefined : new Date(startMs),
    EndDate: endMs === undefined ? undefined : new Date(endMs),
    FlexibleTimeWindow:
      flexibleWindowMinutes === undefined
        ? { Mode: 'OFF' }
        : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: flexibleWindowMinutes },
    Target: {
      Arn: targetArnOf(schedule, functions),
      RoleArn: ROLE,
      Input: schedule.input,
      RetryPolicy: {
        MaximumRetryAttempts: schedule.maximumRetryAttempts ?? 185,
        MaximumEventAgeInSeconds: schedule.maximumEventAgeSeconds ?? 86_400,
      },
      DeadLetterConfig: deadLetterQueue === undefined ? undefined : { Arn: arn('sqs', deadLetterQueue) },
    },
  }
}

/** Updates have to name one; here nothing is asked of it. */
const ROLE = `arn:aws:iam::${ACCOUNT}:role/local`
