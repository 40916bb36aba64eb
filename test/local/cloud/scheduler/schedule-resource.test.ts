import { describe, expect, test } from '@jest/globals'
import { readSchedule } from '../../../../local/cloud/scheduler/schedule-resource.ts'
import type { Resource } from '../../../../local/cloud/template/assembly.ts'

const scheduleOf = (properties: Resource['properties'], target: object = {}): Resource => ({
  stack: 'app',
  logicalId: 'schedule',
  type: 'AWS::Scheduler::Schedule',
  properties: {
    ScheduleExpression: 'rate(1 hour)',
    Target: { Arn: { 'Fn::GetAtt': ['check', 'Arn'] }, ...target },
    ...properties,
  },
  path: 'app/check/schedule/Resource',
  assetDirectory: undefined,
})

describe('a schedule of a template', () => {
  test('has its window, its bounds, its retries and its dead-letter queue', () => {
    const schedule = scheduleOf(
      {
        FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
        StartDate: '2026-03-28T08:00:00Z',
        EndDate: '2026-04-28T08:00:00Z',
      },
      {
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['FailedRuns', 'Arn'] } },
      },
    )
    expect(readSchedule(schedule)).toMatchObject({
      flexibleWindowMinutes: 15,
      startMs: Date.parse('2026-03-28T08:00:00Z'),
      endMs: Date.parse('2026-04-28T08:00:00Z'),
      maximumRetryAttempts: 3,
      maximumEventAgeSeconds: 3600,
      deadLetterQueue: 'FailedRuns',
    })
  })

  test('has no window where its mode is OFF', () => {
    const { flexibleWindowMinutes } = readSchedule(scheduleOf({ FlexibleTimeWindow: { Mode: 'OFF' } }))
    expect(flexibleWindowMinutes).toBeUndefined()
  })

  test.each([
    [{ StartDate: 'soon' }, {}, 'StartDate is "soon"'],
    [{}, { Input: 'hello' }, 'Target.Input is "hello"'],
    [{}, { RetryPolicy: { MaximumRetryAttempts: 186 } }, 'MaximumRetryAttempts is 186'],
    [
      { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1441 } },
      {},
      'MaximumWindowInMinutes is 1441',
    ],
  ])('is refused with %j %j, as AWS refuses it', (properties, target, message) => {
    expect(() => readSchedule(scheduleOf(properties, target))).toThrow(message)
  })
})
