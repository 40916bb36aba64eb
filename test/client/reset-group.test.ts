import { expect, test } from '@jest/globals'
import { resetGroup } from '../../client/reset-group.ts'
import { fakeKeeper } from '../console/fake-keeper.ts'

/** What a reset leaves of a group's mappings, before AWS's own answers. */

/** What a call of AWS fails with; nothing for one that is answered. */
type Failure = (command: string, input: Readonly<Record<string, unknown>>) => Error | undefined

/** A Keeper whose group has mappings in these states. */
function keeperWith(states: Readonly<Record<string, string>>, failureOf: Failure = () => undefined) {
  const now: Record<string, string> = { ...states }
  const answer = (command: string, input: Readonly<Record<string, unknown>>): object => {
    const uuid = String(input.UUID)
    if (command === 'UpdateEventSourceMappingCommand' && failureOf(command, input) === undefined) {
      now[uuid] = input.Enabled ? 'Enabled' : 'Disabled'
    }
    const failure = failureOf(command, input)
    if (failure) throw failure
    if (command === 'DescribeStacksCommand') return { Stacks: [PIPELINE] }
    if (command === 'ListEventSourceMappingsCommand') {
      return { EventSourceMappings: Object.entries(now).map(([id, State]) => mappingOf(id, State)) }
    }
    return command === 'GetEventSourceMappingCommand' ? { State: now[uuid] } : {}
  }
  const reset = { group: 'g', changes: [], isDone: true }
  return { now, keeper: fakeKeeper({ 'groups.reset': reset }, answer, { stage: 'prod' }) }
}

const PIPELINE = {
  ...{ StackName: 'keeper-prod-pipeline', StackStatus: 'CREATE_COMPLETE', CreationTime: new Date() },
  Outputs: [{ OutputKey: 'consumerfunction', OutputValue: 'consumer', Description: 'price-consumer' }],
}

const mappingOf = (UUID: string, State: string) => ({
  ...{ UUID, State, FunctionArn: 'arn:aws:lambda:eu-central-1:1:function:consumer', Topics: ['t'] },
  AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'g' },
})

const reset = (keeper: ReturnType<typeof fakeKeeper>) => resetGroup(keeper, { group: 'g', to: 'start' })

/** An answer of AWS, and none. */
const refusal = () =>
  Object.assign(new Error('in use'), { name: 'ResourceInUse', $metadata: { httpStatusCode: 400 } })
const silence = () => Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })

test('a mapping that was disabled on purpose stays so, and is named; the others read on', async () => {
  const { now, keeper } = keeperWith({ a: 'Disabled', b: 'Enabled' })
  const { mappings, leftDisabled } = await reset(keeper)
  expect(now).toEqual({ a: 'Disabled', b: 'Enabled' })
  expect([mappings, leftDisabled].map((some) => some.map(({ uuid }) => uuid))).toEqual([['b'], ['a']])
})

test('a mapping that AWS has disabled without being able to say so is enabled again', async () => {
  let polls = 0
  const { now, keeper } = keeperWith({ a: 'Enabled' }, (command) => {
    if (command !== 'GetEventSourceMappingCommand') return undefined
    polls += 1
    return polls === 1 ? silence() : undefined
  })
  await expect(reset(keeper)).rejects.toMatchObject({
    code: 'unreachable',
    message: 'the Keeper of this test cannot be reached: timed out.',
  })
  expect(now).toEqual({ a: 'Enabled' })
})

test('a mapping that cannot be enabled again is named with the command that enables it, and the next one is enabled', async () => {
  const { now, keeper } = keeperWith({ a: 'Enabled', b: 'Enabled' }, (command, { UUID, Enabled }) =>
    command === 'UpdateEventSourceMappingCommand' && UUID === 'a' && Enabled ? silence() : undefined,
  )
  await expect(reset(keeper)).rejects.toMatchObject({
    code: 'mapping_not_enabled',
    message: expect.stringMatching(
      /^g is reset\.\nThe mapping a may still be disabled: .* timed out\.\n.*: aws lambda update-event-source-mapping --uuid a --enabled$/,
    ),
  })
  expect(now).toEqual({ a: 'Disabled', b: 'Enabled' })
})

test('a mapping that AWS refuses to disable, as another reset does, is left to that one', async () => {
  const asked: unknown[] = []
  const { keeper } = keeperWith({ a: 'Enabled' }, (command, { Enabled }) => {
    if (command !== 'UpdateEventSourceMappingCommand') return undefined
    asked.push(Enabled)
    return refusal()
  })
  await expect(reset(keeper)).rejects.toMatchObject({ code: 'aws_error' })
  expect(new Set(asked)).toEqual(new Set([false]))
})
