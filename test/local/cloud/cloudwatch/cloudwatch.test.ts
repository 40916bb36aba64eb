import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { mappingUuid } from '../../../../local/cloud/account.ts'
import type { Template } from '../../../../local/cloud/template/template.ts'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { until } from '../../until.ts'
import {
  alarmOn,
  MINUTE_MS,
  mappingOf,
  metricsFunction,
  START_MS,
  type WatchedCloud,
  watchedCloud,
} from './watched-cloud.ts'

let kafka: TestKafka
const clouds: WatchedCloud[] = []

beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())
afterEach(async () => {
  await Promise.all(clouds.splice(0).map(({ cloud }) => cloud.stop(0)))
})

/** A running cloud with the function of `fixtures/metrics`. */
async function started(template: Partial<Template>) {
  const watched = await watchedCloud({ functions: [metricsFunction()], ...template }, kafka.bootstrapServers)
  clouds.push(watched)
  watched.cloud.startMappings()
  return watched
}

const OF_FUNCTION = { FunctionName: 'metrics' }

describe('an alarm of a function that runs', () => {
  test('goes to ALARM with a failed run, and back to OK with the minutes', async () => {
    const watched = await started({ alarms: [alarmOn('AWS/Lambda', 'Errors', OF_FUNCTION)] })
    const { changes, minutes, invoke, state, alarmsLog } = watched
    expect(state('Errors-alarm')).toBe('INSUFFICIENT_DATA')
    await minutes(1)
    expect(state('Errors-alarm')).toBe('OK')
    await invoke({ fail: true })
    await minutes(1)
    expect(state('Errors-alarm')).toBe('ALARM')
    await invoke({})
    await minutes(1)
    expect(state('Errors-alarm')).toBe('OK')
    const at = (minute: number) => START_MS + minute * MINUTE_MS
    expect(changes.map(({ before, state: now, sinceMs }) => [before, now, sinceMs])).toEqual([
      ['INSUFFICIENT_DATA', 'OK', at(1)],
      ['OK', 'ALARM', at(2)],
      ['ALARM', 'OK', at(3)],
    ])
    expect(await alarmsLog()).toMatchObject([
      { detail: { state: { value: 'OK' } } },
      {
        source: 'aws.cloudwatch',
        'detail-type': 'CloudWatch Alarm State Change',
        time: '2026-03-28T10:02:00.000Z',
        resources: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:Errors-alarm'],
        detail: {
          alarmName: 'Errors-alarm',
          state: {
            value: 'ALARM',
            reason:
              'Threshold Crossed: 1 out of the last 1 datapoints [1.0 (28/03/26 10:01:00)] was greater than the threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition).',
          },
          previousState: { value: 'OK', timestamp: '2026-03-28T10:01:00.000Z' },
        },
      },
      { detail: { state: { value: 'OK' } } },
    ])
  })

  test('goes by what the function prints', async () => {
    const silent = alarmOn(
      'Shop',
      'Sales',
      { Function: 'metrics' },
      {
        ...{ comparison: 'LessThanThreshold', threshold: 1, missing: 'breaching' },
        ...{ evaluationPeriods: 2, datapointsToAlarm: 2 },
      },
    )
    const { minutes, invoke, state } = await started({ alarms: [silent] })
    await invoke({ sales: 3, atMs: START_MS })
    await minutes(1)
    expect(state('Sales-alarm')).toBe('OK')
    await minutes(5)
    expect(state('Sales-alarm')).toBe('ALARM')
    await invoke({ sales: 1, atMs: START_MS + 6 * MINUTE_MS })
    await minutes(1)
    expect(state('Sales-alarm')).toBe('OK')
  })

  test('that looks at more than a day is evaluated by the hour, up to the full hour', async () => {
    const daily = alarmOn('AWS/Lambda', 'Errors', OF_FUNCTION, {
      periodSeconds: 3_600,
      evaluationPeriods: 25,
    })
    const { minutes, invoke, state } = await started({ alarms: [daily] })
    await invoke({ fail: true })
    await minutes(59)
    expect(state('Errors-alarm')).toBe('INSUFFICIENT_DATA')
    await minutes(1)
    expect(state('Errors-alarm')).toBe('ALARM')
  })

  test('knows nothing of the hours that the machine slept', async () => {
    const silent = alarmOn('AWS/Lambda', 'Invocations', OF_FUNCTION, {
      ...{ comparison: 'LessThanThreshold', threshold: 1, missing: 'breaching' },
    })
    const { clock, cloudWatch, minutes, invoke, state } = await started({ alarms: [silent] })
    await invoke({})
    await minutes(1)
    const { nowMs } = clock
    clock.nowMs = () => nowMs.call(clock) + 3 * 3_600_000
    await minutes(1)
    expect(state('Invocations-alarm')).toBe('OK')
    await minutes(4)
    expect(cloudWatch.alarms[0]).toMatchObject({ state: 'ALARM', sinceMs: START_MS + (180 + 3) * MINUTE_MS })
  })

  test('whose change cannot be written down says so once, and is evaluated on', async () => {
    const { minutes, invoke, directory, state, failures } = await started({
      alarms: [alarmOn('AWS/Lambda', 'Errors', OF_FUNCTION)],
    })
    await mkdir(join(directory, 'logs', 'alarms.log'), { recursive: true })
    await minutes(1)
    await invoke({ fail: true })
    await minutes(1)
    expect(state('Errors-alarm')).toBe('ALARM')
    expect(failures).toEqual([expect.stringContaining('EISDIR')])
  })
})

describe('a composite alarm', () => {
  test('follows the states of those that it names', async () => {
    const { minutes, invoke, state, changes, cloudWatch } = await started({
      alarms: [
        alarmOn('AWS/Lambda', 'Errors', OF_FUNCTION),
        alarmOn('AWS/Lambda', 'Throttles', OF_FUNCTION),
        alarmOn('AWS/RDS', 'CPUUtilization', {}),
      ],
      compositeAlarms: [
        { name: 'both', description: 'Bad.', alarmRule: 'ALARM("Errors-alarm") AND OK(Throttles-alarm)' },
        { name: 'database', description: '', alarmRule: 'ALARM("CPUUtilization-alarm") OR TRUE' },
        { name: 'outer', description: '', alarmRule: 'NOT ALARM("database")' },
      ],
    })
    expect(cloudWatch.notEvaluated.map(({ name }) => name)).toEqual([
      ...['CPUUtilization-alarm', 'database', 'outer'],
    ])
    await minutes(1)
    expect(state('both')).toBe('OK')
    await invoke({ fail: true })
    await minutes(1)
    expect(state('both')).toBe('ALARM')
    expect(changes.at(-1)).toMatchObject({
      name: 'both',
      description: 'Bad.',
      reason: 'The alarm rule evaluates to ALARM: ALARM("Errors-alarm") AND OK(Throttles-alarm)',
    })
  })
})

describe('a function', () => {
  test('publishes its runs by function, by resource and of all functions', async () => {
    const { invoke, total } = await started({})
    await invoke({})
    await Promise.all([invoke({}), invoke({ fail: true })])
    for (const dimensions of [OF_FUNCTION, { ...OF_FUNCTION, Resource: 'metrics' }, {}]) {
      expect(total('AWS/Lambda', 'Invocations', dimensions)).toBe(3)
    }
    expect(total('AWS/Lambda', 'Errors', OF_FUNCTION)).toBe(1)
    expect(total('AWS/Lambda', 'Duration', OF_FUNCTION, 'SampleCount')).toBe(3)
    expect(total('AWS/Lambda', 'ConcurrentExecutions', OF_FUNCTION, 'Maximum')).toBe(2)
    expect(total('AWS/Lambda', 'Throttles', OF_FUNCTION)).toBeUndefined()
  })

  test('publishes what is refused, which is no run', async () => {
    const { invoke, total } = await started({ functions: [metricsFunction({ reservedConcurrency: 0 })] })
    await invoke({})
    expect(total('AWS/Lambda', 'Throttles', OF_FUNCTION)).toBe(1)
    expect(total('AWS/Lambda', 'Invocations', OF_FUNCTION)).toBeUndefined()
  })

  test('publishes its asynchronous events, their age, and those it gives up', async () => {
    const { cloud, clock, total } = await started({
      functions: [metricsFunction({ asynchronous: { maximumRetryAttempts: 1 } })],
    })
    cloud.functions[0]?.send('{"fail":true}')
    await until(() => total('AWS/Lambda', 'Errors', OF_FUNCTION) === 1)
    await until(() => total('AWS/Lambda', 'AsyncEventAge', OF_FUNCTION, 'SampleCount') === 1)
    clock.turn(MINUTE_MS)
    await until(() => total('AWS/Lambda', 'AsyncEventsDropped', OF_FUNCTION) === 1)
    expect(total('AWS/Lambda', 'AsyncEventsReceived', OF_FUNCTION)).toBe(1)
    expect(total('AWS/Lambda', 'AsyncEventAge', OF_FUNCTION, 'Maximum')).toBe(MINUTE_MS)
  })

  test('publishes that a destination takes nothing', async () => {
    const { cloud, directory, total } = await started({
      functions: [metricsFunction({ asynchronous: { onSuccess: 'done' } })],
    })
    await mkdir(join(directory, 'destinations'), { recursive: true })
    await writeFile(join(directory, 'destinations', 'done'), 'no folder')
    cloud.functions[0]?.send('{}')
    await until(() => total('AWS/Lambda', 'DestinationDeliveryFailures', OF_FUNCTION) === 1)
  })
})

describe('a mapping', () => {
  test('publishes OffsetLag by function, and by its UUID the groups that it asks for', async () => {
    const topic = await kafka.freshTopic('metrics', { partitions: 1 })
    await kafka.produce(topic, [{ value: '1' }, { value: '2' }, { value: '3' }])
    const groups = ['EventCount', 'KafkaMetrics']
    const { minutes, total } = await started({ mappings: [mappingOf(topic, { metricGroups: groups })] })
    const ofMapping = { EventSourceMappingUUID: mappingUuid('mapping') }
    await until(() => total('AWS/Lambda', 'CommittedEventCount', ofMapping) === 3)
    await minutes(1)
    expect(total('AWS/Lambda', 'OffsetLag', OF_FUNCTION, 'Maximum')).toBe(0)
    expect(total('AWS/Lambda', 'SumOffsetLag', ofMapping, 'SampleCount')).toBe(1)
    expect(total('AWS/Lambda', 'MaxOffsetLag', ofMapping, 'Maximum')).toBe(0)
    expect(total('AWS/Lambda', 'PolledEventCount', ofMapping)).toBe(3)
    expect(total('AWS/Lambda', 'InvokedEventCount', ofMapping)).toBe(3)
  })

  test('publishes no group that it does not ask for', async () => {
    const topic = await kafka.freshTopic('metrics', { partitions: 1 })
    await kafka.produce(topic, [{ value: '1' }])
    const { minutes, total } = await started({ mappings: [mappingOf(topic)] })
    await until(() => total('AWS/Lambda', 'Invocations', OF_FUNCTION) === 1)
    await minutes(1)
    expect(total('AWS/Lambda', 'OffsetLag', OF_FUNCTION, 'SampleCount')).toBe(1)
    for (const name of ['PolledEventCount', 'SumOffsetLag', 'MaxOffsetLag']) {
      expect(total('AWS/Lambda', name, { EventSourceMappingUUID: mappingUuid('mapping') })).toBeUndefined()
    }
  })
})

describe('a queue', () => {
  test('publishes each minute how many documents lie in its folder', async () => {
    const failedRuns = { QueueName: 'failedruns' }
    const { minutes, state, directory } = await started({
      functions: [metricsFunction({ asynchronous: { onFailure: 'failedruns' } })],
      alarms: [
        alarmOn('AWS/SQS', 'ApproximateNumberOfMessagesVisible', failedRuns, {
          missing: 'ignore',
          name: 'failed',
        }),
      ],
    })
    await minutes(1)
    expect(state('failed')).toBe('OK')
    await mkdir(join(directory, 'destinations', 'failedruns'), { recursive: true })
    await writeFile(join(directory, 'destinations', 'failedruns', 'a.json'), '{}')
    await minutes(1)
    expect(state('failed')).toBe('ALARM')
  })
})

describe('a schedule', () => {
  test('publishes each attempt by its group', async () => {
    const schedule = {
      ...{ name: 'hourly', group: 'shop', functionId: 'stack/metrics', expression: 'rate(1 hour)' },
      ...{ timeZone: 'UTC', input: '{}' },
    }
    const { cloud, clock, total } = await started({ schedules: [schedule] })
    cloud.startSchedules()
    await until(() => total('AWS/Lambda', 'Invocations', OF_FUNCTION) === 1)
    clock.turn(60 * MINUTE_MS)
    expect(total('AWS/Scheduler', 'InvocationAttemptCount', { ScheduleGroup: 'shop' })).toBe(2)
    expect(total('AWS/Scheduler', 'InvocationAttemptCount', {})).toBe(2)
  })
})

describe('Kafka that does not answer', () => {
  test('has no metrics in that minute, and alarms go by that', async () => {
    const group = { 'Consumer Group': 'group-orders', Topic: 'orders' }
    const lag = alarmOn('AWS/Kafka', 'SumOffsetLag', group, { missing: 'breaching' })
    const template = { functions: [metricsFunction()], mappings: [mappingOf('orders')], alarms: [lag] }
    const watched = await watchedCloud(template, '127.0.0.1:1')
    clouds.push(watched)
    watched.cloud.startMappings()
    await watched.minutes(3)
    expect(watched.state('SumOffsetLag-alarm')).toBe('ALARM')
    expect(watched.failures).toEqual([])
  })
})

describe('alarms that nothing here can decide', () => {
  test('are named with why, and are in no state', async () => {
    const { cloudWatch } = await started({
      alarms: [
        alarmOn('AWS/RDS', 'CPUUtilization', { DBInstanceIdentifier: 'db' }),
        alarmOn('AWS/Lambda', 'Errors', { FunctionName: 'other' }),
        alarmOn('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: 'orders' }, { name: 'orders' }),
        alarmOn('Shop', 'Warnings', {}),
        alarmOn('Shop', 'Sales', {}, { watched: 'e1', expressions: { e1: 'ANOMALY_DETECTION_BAND(m1)' } }),
        alarmOn('Shop', 'Visits', {}, { problem: 'the statistic tm90 is not known here' }),
      ],
      logMetrics: ['Shop Warnings'],
    })
    expect(cloudWatch.notEvaluated).toEqual([
      { name: 'CPUUtilization-alarm', reason: 'nothing here publishes AWS/RDS CPUUtilization' },
      { name: 'Errors-alarm', reason: 'nothing here publishes AWS/Lambda Errors other' },
      {
        name: 'orders',
        reason: 'nothing here publishes AWS/SQS ApproximateNumberOfMessagesVisible orders',
      },
      { name: 'Warnings-alarm', reason: 'nothing here publishes Shop Warnings' },
      {
        name: 'Sales-alarm',
        reason: 'ANOMALY_DETECTION_BAND(m1): ANOMALY_DETECTION_BAND with these arguments is not known here',
      },
      { name: 'Visits-alarm', reason: 'the statistic tm90 is not known here' },
    ])
    expect(cloudWatch.alarms).toEqual([])
  })
})
