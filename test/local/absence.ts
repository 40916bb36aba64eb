import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import type { AlarmResource } from '../../local/cloud/cloudwatch/alarm-resource.ts'
import { CloudWatch } from '../../local/cloud/cloudwatch/cloudwatch.ts'
import { scheduleTimes } from '../../local/cloud/scheduler/schedule-times.ts'
import type { Template } from '../../local/cloud/template/template.ts'
import { TurnableClock } from './cloud/turnable-clock.ts'

const MINUTE_MS = 60_000
const STEP_MS = 5 * MINUTE_MS
const START_MS = Date.parse('2026-03-02T10:00:00Z')

/** What a run of a function publishes besides that it was. */
type Publishes = Readonly<Record<string, number>>

/**
 * A Keeper whose schedules start what the template says, seen by the template's own alarms of these names alone. Nothing
 * runs: a run is what CloudWatch is told of it.
 */
export function scheduledKeeper(template: Template, directory: string, names: RegExp) {
  const clock = new TurnableClock(START_MS)
  const alarms = (template.alarms ?? []).filter(({ name }) => names.test(name))
  const ringing = new Map<string, number>()
  const cloudWatch = new CloudWatch({
    template: { ...template, alarms, mappings: [] },
    kafka: new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING }),
    logDirectory: join(directory, 'logs'),
    destinationDirectory: join(directory, 'destinations'),
    events: {
      alarm: ({ name, state, sinceMs }) =>
        state === 'ALARM' ? ringing.set(name, sinceMs) : ringing.delete(name),
    },
    clock,
  })
  cloudWatch.start()
  const due = template.schedules.map(({ name, functionId, expression, timeZone }) => {
    const next = scheduleTimes(expression, timeZone)
    const of = template.functions.find(({ id }) => id === functionId)?.name ?? functionId
    return { name, of, next, atMs: next(START_MS) ?? Number.POSITIVE_INFINITY }
  })

  const publish = (of: string, atMs: number, publishes: Publishes) => {
    cloudWatch.functionMeasured(of, 'Invocations', 1, atMs)
    for (const [name, value] of Object.entries(publishes)) {
      const dimensions = { Stage: 'dev', Function: of }
      cloudWatch.store.put({ namespace: 'Keeper', name, dimensions, atMs, values: [value] })
    }
  }

  return {
    ringing,
    alarms,
    nowMs: () => clock.nowMs(),
    /**
     * Lets hours pass.
     * @param isOn whether a schedule fires
     * @param publishes what a run that a schedule started publishes
     */
    hours: async (
      count: number,
      isOn: (schedule: string) => boolean,
      publishes: (schedule: string) => Publishes,
    ) => {
      const endMs = clock.nowMs() + count * 60 * MINUTE_MS
      while (clock.nowMs() < endMs) {
        const untilMs = clock.nowMs() + STEP_MS
        for (const schedule of due) {
          while (schedule.atMs < untilMs) {
            if (isOn(schedule.name)) publish(schedule.of, schedule.atMs, publishes(schedule.name))
            schedule.atMs = schedule.next(schedule.atMs) ?? Number.POSITIVE_INFINITY
          }
        }
        clock.leap(STEP_MS)
        await cloudWatch.evaluated()
      }
    },
    close: () => cloudWatch.stop(),
  }
}

/** An alarm with some of its words replaced: the names of a topic and a group, of which a broker has one each. */
export const withWords = (alarm: AlarmResource, words: Readonly<Record<string, string>>): AlarmResource =>
  JSON.parse(JSON.stringify(alarm), (_, value) =>
    typeof value === 'string' ? (words[value] ?? value) : value,
  )
