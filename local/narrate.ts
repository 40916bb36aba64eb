import type { CloudEvents } from './cloud/cloud.ts'
import type { CloudWatch } from './cloud/cloudwatch/cloudwatch.ts'
import { FILTER_SOURCES } from './cloud/mapping/mapping-rules.ts'
import { printable, type Screen } from './screen.ts'

/** Says what the cloud tells, in a line each. A function's run is told where it differs from the one before. */
export function narrate(screen: Pick<Screen, 'line'>): CloudEvents {
  const runs = new Map<string, string>()
  let hasMail = false
  return {
    retrying: (mapping, reason, pauseMs) =>
      screen.line(`${mapping} retries a batch in ${pauseMs / 1000} s: ${reason}`),
    waiting: (mapping, reason) => screen.line(`${mapping} is waiting for Kafka: ${reason}`),
    reading: (mapping) => screen.line(`${mapping} reads from Kafka again`),
    unreadable: (mapping, reason) => screen.line(`ALARM ${mapping}: ${reason}`),
    unassigned: (mapping, reason) => screen.line(`ALARM ${mapping}: ${reason}`),
    restarted: (mapping, reason) => screen.line(`${mapping}: ${reason}`),
    notEmulated: (setting) => screen.line(`${setting} is set, but has no effect locally`),
    undocumented: (sentence) =>
      screen.line([sentence, ...FILTER_SOURCES.map((source) => `          ${source}`)].join('\n')),
    scheduled: (name, error) => {
      const text = error === undefined ? `${name} has run` : `${name} failed: ${withoutIds(error)}`
      if (runs.get(name) === text) return
      runs.set(name, text)
      screen.line(text)
    },
    mailed: ({ to, subject }) => {
      if (hasMail) return
      hasMail = true
      screen.line(`the first mail, to ${to.join(', ')}: ${printable(subject)} (npm run keeper -- mail open)`)
    },
    alarm: ({ name, state, before, description, reason }) => {
      if (state === 'ALARM') screen.line(`ALARM ${name}: ${description || reason}`)
      else if (before === 'ALARM') screen.line(`${state} ${name} (was ALARM)`)
    },
    alarmsFailed: (reason) => screen.line(`alarms cannot be evaluated: ${reason}`),
  }
}

/** Says once how many alarms of the template are evaluated here; the API says which are not, and why. */
export function introduceAlarms(
  { alarms, notEvaluated, dashboards }: Pick<CloudWatch, 'alarms' | 'notEvaluated' | 'dashboards'>,
  screen: Pick<Screen, 'line'>,
): void {
  if (alarms.length + notEvaluated.length > 0) {
    const others =
      notEvaluated.length > 0 ? `, not evaluated: ${notEvaluated.length} (docs/local-aws.md)` : ''
    screen.line(`alarms evaluated each minute: ${alarms.length}${others}`)
  }
  for (const { name, problem } of dashboards) if (problem) screen.line(`dashboard ${name}: ${problem}`)
}

/** A request's id is new each time, and says nothing to whoever reads it here. */
const withoutIds = (error: string): string => error.replace(/RequestId: \S+ (Error: )?/, '')
