import { type AlarmSummary, alarmHistory, listAlarms } from '../../client/alarms.ts'
import type { CommandContext } from '../context.ts'
import { counted } from '../output/plural.ts'
import { clean, table } from '../output/table.ts'

/** The alarms that are not OK, each with why and what to do; with `all`, the others too. */
export async function list(context: CommandContext, all: boolean): Promise<void> {
  const alarms = await listAlarms(await context.keeper())
  const shown = all ? alarms : alarms.filter(({ state }) => state !== 'OK')
  if (context.isJson) return context.print(JSON.stringify(shown, null, 2))
  if (shown.length > 0) {
    context.print(
      table(
        [
          { name: 'STATE', cell: ({ state }) => state },
          { name: 'ALARM', cell: ({ name }) => name },
          { name: 'SINCE', cell: ({ since }) => since && toSeconds(since) },
          { name: 'RUNBOOK', cell: ({ runbook }) => runbook?.replace(/^.*#/, '#') ?? null },
          { name: 'REASON', cell: ({ reason }) => reason, shrinks: true },
        ],
        shown,
        context.width,
      ),
    )
  }
  const on = alarms.filter(({ state }) => state === 'ALARM')
  for (const { name, description, reason, runbook } of on) {
    const lines = [`${name}: ${description}`, `  ${reason}`, ...(runbook ? [`  ${runbook}`] : [])]
    context.print(`\n${lines.map(clean).join('\n')}`)
  }
  context.say(tally(alarms))
}

const toSeconds = (time: string): string => time.replace(/\.\d+Z$/, 'Z')

const tally = (alarms: readonly AlarmSummary[]): string => {
  const of = (state: string) => alarms.filter((alarm) => alarm.state === state).length
  return `${counted(alarms.length, 'alarm')}: ${of('ALARM')} in alarm, ${of('INSUFFICIENT_DATA')} without enough data, ${of('OK')} OK.`
}

export async function history(context: CommandContext, name: string): Promise<void> {
  const changes = await alarmHistory(await context.keeper(), name)
  if (context.isJson) return context.print(JSON.stringify(changes, null, 2))
  if (changes.length === 0) return context.say(`${name} has not changed.`)
  context.print(
    table(
      [
        { name: 'AT', cell: ({ at }) => at && toSeconds(at) },
        { name: 'FROM', cell: ({ from }) => from },
        { name: 'TO', cell: ({ to }) => to },
        { name: 'REASON', cell: ({ reason }) => reason, shrinks: true },
      ],
      changes,
      context.width,
    ),
  )
}
