import { CloudWatchClient, type MetricAlarm } from '@aws-sdk/client-cloudwatch'
import { expect, test } from '@jest/globals'
import { listAlarms } from '../../client/alarms.ts'
import { awsClients } from '../../client/aws-clients.ts'
import { Keeper } from '../../client/keeper.ts'

/** A deployed Keeper whose CloudWatch answers with these alarms, a page each, and notes what it was asked. */
function keeperWith(alarms: readonly MetricAlarm[]) {
  const asked: unknown[] = []
  const client = new CloudWatchClient({ region: 'eu-central-1' })
  client.middlewareStack.add(
    () => async (call) => {
      asked.push(call.input)
      const { NextToken = '0' } = call.input as { NextToken?: string }
      const next = Number(NextToken) + 1
      const output = {
        $metadata: {},
        MetricAlarms: alarms.slice(next - 1, next),
        ...(next < alarms.length && { NextToken: String(next) }),
      }
      return { output, response: {} }
    },
    { step: 'initialize' },
  )
  const keeper = new Keeper({
    ...{ title: 'stage prod', stage: 'prod', caller: 'ada' },
    functions: { reader: 'reader', operator: 'operator' },
    aws: { ...awsClients('http://localhost:1'), cloudWatch: async () => client },
  })
  return { keeper, asked }
}

const alarm = (AlarmName: string, StateValue: MetricAlarm['StateValue'], at: string): MetricAlarm => ({
  ...{ AlarmName, StateValue, StateReason: 'why', StateTransitionedTimestamp: new Date(at) },
  AlarmDescription: `${AlarmName} is bad. https://example.com/runbook.md#${AlarmName}`,
})

test('alarms that are on come first, then those without data; what changed last is above', async () => {
  const { keeper, asked } = keeperWith([
    alarm('a', 'OK', '2026-02-20T00:00:00Z'),
    alarm('b', 'ALARM', '2026-02-20T00:00:00Z'),
    alarm('c', 'INSUFFICIENT_DATA', '2026-02-21T00:00:00Z'),
    alarm('d', 'ALARM', '2026-02-21T00:00:00Z'),
  ])
  const alarms = await listAlarms(keeper)
  expect(alarms.map(({ name }) => name)).toEqual(['d', 'b', 'c', 'a'])
  expect(alarms[0]).toEqual({
    ...{ name: 'd', state: 'ALARM', since: '2026-02-21T00:00:00.000Z', reason: 'why' },
    ...{ description: 'd is bad.', runbook: 'https://example.com/runbook.md#d' },
  })
  expect(asked[0]).toMatchObject({ AlarmNamePrefix: 'keeper-prod-monitoring-' })
})

test('an alarm without a runbook has its description alone', async () => {
  const { keeper } = keeperWith([{ AlarmName: 'a', StateValue: 'OK', AlarmDescription: 'Made by hand' }])
  expect(await listAlarms(keeper)).toMatchObject([
    { description: 'Made by hand', runbook: null, since: null },
  ])
})
