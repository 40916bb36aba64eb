import { randomUUID } from 'node:crypto'
import type { GetScheduleCommandOutput, ScheduleState } from '@aws-sdk/client-scheduler'
import { ClientError, explained } from './client-error.ts'
import { invokeAndWait, invokeLater } from './invoke.ts'
import type { Keeper } from './keeper.ts'
import { mappingsOfFunction } from './mappings.ts'
import { nextRun } from './next-run.ts'
import { type Parts, partNamed, partsOf } from './parts.ts'

/** A schedule of this Keeper. */
export interface ScheduleSummary {
  /** As people call it: `price-check`. */
  readonly name: string
  /** As AWS calls it. */
  readonly schedule: string
  readonly expression: string
  readonly timeZone: string
  readonly state: ScheduleState
  /** ISO 8601; null for one that is paused, over, or cannot be computed. A rate's is an estimate. */
  readonly nextRun: string | null
  /** The function that it starts. */
  readonly function: string
}

/** The schedules of a Keeper, in the order of the flow. */
export async function listSchedules(keeper: Keeper, now = new Date()): Promise<ScheduleSummary[]> {
  const parts = await partsOf(keeper)
  return Promise.all(
    [...parts.schedules].map(async ([name, awsName]) => {
      return summaryOf(name, await getSchedule(keeper, awsName), parts, now)
    }),
  )
}

/** What became of a run that was asked for. */
export interface StartedRun {
  readonly function: string
  /** What the run reported; undefined where it was not waited for. */
  readonly report?: unknown
}

/**
 * Invokes the function of a schedule as the schedule does, with its own input.
 * @param wait until the run is over, for its report; a run may take 15 minutes
 * @throws ClientError `is_consumer` for a function that Kafka invokes, `function_failed`
 */
export async function runSchedule(
  keeper: Keeper,
  given: string,
  { wait }: { readonly wait: boolean },
): Promise<StartedRun> {
  const parts = await partsOf(keeper)
  await refuseConsumer(keeper, parts, given)
  const { awsName } = scheduleNamed(parts, given)
  const schedule = await getSchedule(keeper, awsName)
  const target = functionOf(schedule)
  const name = nameOf(parts, target)
  await refuseConsumer(keeper, parts, name)
  const input = inputOf(schedule, new Date())
  const invoked = { name, awsName: target }
  if (wait) return { function: name, report: await invokeAndWait(keeper, invoked, input) }
  await invokeLater(keeper, invoked, input)
  return { function: name }
}

/**
 * Enables or disables a schedule. An update replaces everything, and what it leaves out becomes a default: all that was
 * read is sent back. https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html
 * @returns whether that changed anything
 */
export async function setScheduleState(
  keeper: Keeper,
  given: string,
  state: ScheduleState,
): Promise<{ readonly name: string; readonly changed: boolean }> {
  const { name, awsName } = scheduleNamed(await partsOf(keeper), given)
  const found = await getSchedule(keeper, awsName)
  if (found.State === state) return { name, changed: false }
  const { $metadata: _, Arn: __, CreationDate: ___, LastModificationDate: ____, ...kept } = found
  const { UpdateScheduleCommand } = await import('@aws-sdk/client-scheduler')
  const client = await keeper.aws.scheduler()
  const { Name, ScheduleExpression, FlexibleTimeWindow, Target } = kept
  await client
    .send(
      new UpdateScheduleCommand({
        ...kept,
        Name,
        ScheduleExpression,
        FlexibleTimeWindow,
        Target,
        State: state,
      }),
    )
    .catch((error: unknown) => {
      throw explained(error, keeper.title, 'scheduler:UpdateSchedule')
    })
  return { name, changed: true }
}

async function getSchedule(keeper: Keeper, name: string): Promise<GetScheduleCommandOutput> {
  const { GetScheduleCommand } = await import('@aws-sdk/client-scheduler')
  const client = await keeper.aws.scheduler()
  return client.send(new GetScheduleCommand({ Name: name })).catch((error: unknown) => {
    throw explained(error, keeper.title, 'scheduler:GetSchedule')
  })
}

async function summaryOf(
  name: string,
  schedule: GetScheduleCommandOutput,
  parts: Parts,
  now: Date,
): Promise<ScheduleSummary> {
  const {
    Name = '',
    ScheduleExpression: expression = '',
    ScheduleExpressionTimezone: timeZone = 'UTC',
  } = schedule
  const timing = {
    ...{ expression, timeZone, start: schedule.StartDate, end: schedule.EndDate },
    since: schedule.LastModificationDate ?? schedule.CreationDate,
  }
  const state = schedule.State ?? 'ENABLED'
  const next = state === 'ENABLED' ? await nextRun(timing, now) : undefined
  return {
    ...{ name, schedule: Name, expression, timeZone, state },
    nextRun: next?.toISOString() ?? null,
    function: nameOf(parts, functionOf(schedule)),
  }
}

/** `price-check-schedule` names the same schedule as `price-check`. */
const scheduleNamed = ({ schedules }: Parts, given: string) =>
  partNamed(schedules, 'schedule', schedules.has(given) ? given : given.replace(/-schedule$/, ''))

const functionOf = ({ Target }: GetScheduleCommandOutput): string => Target?.Arn?.split(':')[6] ?? ''

const nameOf = ({ functions }: Parts, awsName: string): string =>
  [...functions].find(([, each]) => each === awsName)?.[0] ?? awsName

/** Consumers take what Kafka gives them: anything else would be a price that nobody sent. */
async function refuseConsumer(keeper: Keeper, { functions }: Parts, given: string): Promise<void> {
  const awsName = functions.get(given)
  if (awsName === undefined) return
  const [mapping] = await mappingsOfFunction(keeper, awsName)
  if (!mapping) return
  throw new ClientError(
    'is_consumer',
    `${given} is a consumer: to run it by hand would forge prices. keeper groups reset ${mapping.group} lets it read ${mapping.topic} again.`,
  )
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
function inputOf({ Target, Arn = '' }: GetScheduleCommandOutput, now: Date): string {
  const attributes: Readonly<Record<string, string>> = {
    'scheduled-time': now.toISOString(),
    'execution-id': randomUUID(),
    'schedule-arn': Arn,
    'attempt-number': '1',
  }
  return (Target?.Input ?? '{}').replace(/<aws\.scheduler\.([a-z-]+)>/g, (given, name) =>
    Object.hasOwn(attributes, name) ? (attributes[name] ?? given) : given,
  )
}
