import { ClientError } from '../../client/client-error.ts'
import type { Keeper, OutputOf } from '../../client/keeper.ts'
import { listSchedules, runSchedule, type ScheduleSummary, setScheduleState } from '../../client/schedules.ts'
import type { CommandContext } from '../context.ts'
import { clean, table } from '../output/table.ts'

type Run = OutputOf<'runs.list'>[number]

export async function list(context: CommandContext): Promise<void> {
  const keeper = await context.keeper()
  const [schedules, runs] = await Promise.all([listSchedules(keeper), lastRuns(context, keeper)])
  const rows = schedules.map((schedule) => ({ ...schedule, lastRun: runs.get(schedule.function) ?? null }))
  if (context.isJson) return context.print(JSON.stringify(rows, null, 2))
  if (rows.length === 0) return context.say(`${keeper.title} has no schedules.`)
  context.print(
    table(
      [
        { name: 'NAME', cell: ({ name }) => name },
        { name: 'EXPRESSION', cell: expressionOf },
        { name: 'STATE', cell: ({ state }) => (state === 'DISABLED' ? 'PAUSED' : state) },
        { name: 'NEXT RUN', cell: nextOf },
        { name: 'FUNCTION', cell: (row) => row.function },
        { name: 'LAST RUN', cell: ({ lastRun }) => lastRun && lastRunOf(lastRun), shrinks: true },
      ],
      rows,
      context.width,
    ),
  )
}

/** The last runs are in Postgres; a schedule is shown where that cannot be reached. */
async function lastRuns(context: CommandContext, keeper: Keeper): Promise<Map<string, Run>> {
  try {
    const runs = await keeper.call('runs.list', {})
    return new Map(runs.map((run) => [run.producer, run]))
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    context.say(`The last runs are not known: ${clean(error.message)}`)
    return new Map()
  }
}

/** Rates are the same in every time zone. */
const expressionOf = ({ expression, timeZone }: ScheduleSummary): string =>
  expression.startsWith('rate(') ? expression : `${expression} ${timeZone}`

/** A rate's next run is an estimate. */
const nextOf = ({ nextRun, expression }: ScheduleSummary): string | null =>
  nextRun === null ? null : `${expression.startsWith('rate(') ? '~' : ''}${nextRun.replace(/\.\d+Z$/, 'Z')}`

function lastRunOf({ startedAt, finishedAt, isRunning, isIncomplete }: Run): string {
  if (isRunning) return `${startedAt}, running`
  if (isIncomplete) return `${startedAt}, to be resumed`
  return finishedAt !== null && startedAt !== null && finishedAt >= startedAt
    ? `${startedAt}, finished`
    : `${startedAt}, not finished`
}

/** Starts a run; with `wait`, shows what it reported. */
export async function start(context: CommandContext, name: string, wait: boolean): Promise<void> {
  const keeper = await context.keeper()
  if (wait) context.say(`running ${name} in ${keeper.title}; it may take minutes`)
  const started = await runSchedule(keeper, name, { wait })
  if (context.isJson) return context.print(JSON.stringify(started, null, 2))
  if (!wait) return context.say(`${started.function} was started: keeper logs ${started.function} --follow`)
  if (typeof started.report !== 'object' || started.report === null) {
    return context.print(JSON.stringify(started.report))
  }
  const lines = Object.entries(started.report).map(
    ([key, value]) => `${key.padEnd(12)} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  context.print(lines.map(clean).join('\n'))
}

export async function setState(
  context: CommandContext,
  name: string,
  state: ScheduleSummary['state'],
): Promise<void> {
  const keeper = await context.keeper()
  const done = await setScheduleState(keeper, name, state)
  if (context.isJson) return context.print(JSON.stringify({ ...done, state }, null, 2))
  const now = state === 'DISABLED' ? 'paused' : 'enabled'
  context.say(
    done.changed ? `${done.name} is ${now} in ${keeper.title}.` : `${done.name} was ${now} already.`,
  )
}
