import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalCloud } from '../../../../local/cloud/cloud.ts'
import type { AlarmResource } from '../../../../local/cloud/cloudwatch/alarm-resource.ts'
import type { AlarmChange } from '../../../../local/cloud/cloudwatch/alarm-states.ts'
import type { FunctionResource } from '../../../../local/cloud/lambda/function-resource.ts'
import type { MappingResource } from '../../../../local/cloud/mapping/mapping-resource.ts'
import type { Template } from '../../../../local/cloud/template/template.ts'
import { ownDir } from '../../../helpers/stoppable.ts'
import { TurnableClock } from '../turnable-clock.ts'

export const START_MS = Date.parse('2026-03-28T10:00:00Z')
export const MINUTE_MS = 60_000

/** The function of `fixtures/metrics`. */
export const metricsFunction = (more: Partial<FunctionResource> = {}): FunctionResource => ({
  id: 'stack/metrics',
  name: 'metrics',
  codeDirectory: join(import.meta.dirname, '..', 'fixtures', 'metrics'),
  handler: 'index.handler',
  timeoutSeconds: 20,
  memoryMb: 128,
  environment: {},
  ...more,
})

export const mappingOf = (topic: string, more: Partial<MappingResource> = {}): MappingResource => ({
  name: 'mapping',
  functionId: 'stack/metrics',
  topic,
  consumerGroupId: `group-${topic}`,
  batchSize: 10,
  windowSeconds: 0,
  startingPosition: 'TRIM_HORIZON',
  reportBatchItemFailures: false,
  ...more,
})

/** An alarm on one metric, of one period of a minute. */
export const alarmOn = (
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
  more: Partial<AlarmResource> = {},
): AlarmResource => ({
  name: `${name}-alarm`,
  description: 'Something is wrong.',
  comparison: 'GreaterThanThreshold',
  threshold: 0,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  missing: 'notBreaching',
  periodSeconds: 60,
  metrics: { m1: { metric: { namespace, name, dimensions }, statistic: 'Sum' } },
  expressions: {},
  watched: 'm1',
  ...more,
})

const empty: Template = { topics: [], functions: [], mappings: [], schedules: [], triggers: [] }

/** A cloud whose clock stands at START_MS until it is turned, and what its alarms told. */
export async function watchedCloud(template: Partial<Template>, bootstrapServers = '127.0.0.1:1') {
  const directory = await ownDir('watched')
  const clock = new TurnableClock(START_MS)
  const changes: AlarmChange[] = []
  const failures: string[] = []
  const nothing = () => undefined
  const cloud = new LocalCloud({
    template: { ...empty, ...template },
    bootstrapServers,
    logDirectory: join(directory, 'logs'),
    variables: () => ({}),
    clock,
    events: {
      ...{ retrying: nothing, waiting: nothing, reading: nothing, scheduled: nothing },
      alarm: (change) => changes.push(change),
      alarmsFailed: (reason) => failures.push(reason),
    },
  })
  const { cloudWatch } = cloud
  return {
    cloud,
    clock,
    cloudWatch,
    changes,
    failures,
    directory,
    /** Lets minutes pass, and waits until what is due by then is evaluated. */
    minutes: async (count: number) => {
      clock.turn(count * MINUTE_MS)
      await cloudWatch.evaluated()
    },
    state: (name: string) => cloudWatch.alarms.find((alarm) => alarm.name === name)?.state,
    /** A metric's statistic over all that was. */
    total: (
      namespace: string,
      name: string,
      dimensions: Readonly<Record<string, string>>,
      statistic = 'Sum',
    ) => {
      const metric = { namespace, name, dimensions }
      const [point] = cloudWatch.store.read(metric, statistic, 86_400_000, START_MS, START_MS + 86_400_000)
      return point?.value
    },
    alarmsLog: async () => {
      const text = await readFile(join(directory, 'logs', 'alarms.log'), 'utf8').catch(() => '')
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    },
    invoke: async (payload: object) => {
      const [target] = cloud.functions
      if (!target) throw new Error('There is no function')
      return target.invoke(JSON.stringify(payload))
    },
  }
}

export type WatchedCloud = Awaited<ReturnType<typeof watchedCloud>>
