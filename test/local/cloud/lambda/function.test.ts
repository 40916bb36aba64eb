import { afterEach, describe, expect, test } from '@jest/globals'
import type { FunctionResource } from '../../../../local/cloud/lambda/function-resource.ts'
import { commandLine, waitForEnd } from '../../../../local/engines/process-table.ts'
import { fixtureFunction } from '../fixture-function.ts'

const disposals: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(disposals.splice(0).map((dispose) => dispose()))
})

async function functionOf(
  folder: string,
  resource?: Partial<FunctionResource>,
  variables?: Readonly<Record<string, string>>,
) {
  const fixture = await fixtureFunction(folder, resource, variables)
  disposals.push(fixture.dispose)
  return fixture
}

/** Invokes one of the handlers of fixtures/faults. */
async function invoke(name: string, event: unknown = {}, resource: Partial<FunctionResource> = {}) {
  const { target } = await functionOf('faults', { handler: `index.${name}`, ...resource })
  return target.invoke(JSON.stringify(event))
}

const answerOf = async (outcome: Awaited<ReturnType<typeof invoke>>) =>
  outcome.ok ? JSON.parse(outcome.payload) : outcome.error

test('an environment without an invocation for the idle time ends, and the next invocation has a new one', async () => {
  const fixture = await fixtureFunction('faults', { handler: 'index.count' }, {}, undefined, 300)
  disposals.push(fixture.dispose)
  const { pid: first } = await answerOf(await fixture.target.invoke('{}'))
  expect(await waitForEnd(first, 60_000)).toBe(true)
  expect((await answerOf(await fixture.target.invoke('{}'))).pid).not.toBe(first)
})

describe('an invocation', () => {
  test('gives the event and answers with what the handler returned', async () => {
    const event = { text: 'Grüße €', list: [1, null, { deep: true }] }
    expect(await answerOf(await invoke('echo', event))).toEqual(event)
  })

  test('answers null where the handler returned nothing', async () => {
    expect(await invoke('nothing')).toEqual({ ok: true, payload: 'null' })
  })

  test('takes a handler that is not async', async () => {
    expect(await answerOf(await invoke('notAsync'))).toBe('at once')
  })

  test('takes a CommonJS bundle', async () => {
    const { target } = await functionOf('commonjs')
    expect(await answerOf(await target.invoke('{}'))).toBe('CommonJS')
  })

  test('carries a payload of 6 MB', async () => {
    const event = { text: 'x'.repeat(6 * 1024 * 1024 - 100) }
    expect(await answerOf(await invoke('echo', event))).toEqual(event)
  })

  test('has the context that Lambda gives', async () => {
    const { target } = await functionOf('faults', {
      handler: 'index.context',
      name: 'price-check',
      memoryMb: 300,
    })
    const outcome = await target.invoke('{}', 'a-request')
    expect(await answerOf(outcome)).toMatchObject({
      awsRequestId: 'a-request',
      functionName: 'price-check',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:price-check',
      memoryLimitInMB: '300',
      logGroupName: '/aws/lambda/price-check',
      logStreamName: expect.stringMatching(/./),
      callbackWaitsForEmptyEventLoop: true,
    })
    const { remainingMs, properties } = await answerOf(outcome)
    expect(properties).toEqual([
      'awsRequestId',
      'callbackWaitsForEmptyEventLoop',
      'clientContext',
      'functionName',
      'functionVersion',
      'getRemainingTimeInMillis',
      'identity',
      'invokedFunctionArn',
      'logGroupName',
      'logStreamName',
      'memoryLimitInMB',
    ])
    expect(remainingMs).toBeGreaterThan(15_000)
    expect(remainingMs).toBeLessThanOrEqual(20_000)
  })

  test('sees the variables it is given and none of the process that started it', async () => {
    process.env.KEEPER_SECRET_OF_THE_PARENT = 'not for functions'
    const { target } = await functionOf('faults', { handler: 'index.environment' }, { GIVEN: 'yes' })
    const seen = await answerOf(await target.invoke('{}'))
    expect(Object.keys(seen).sort()).toEqual(['GIVEN', 'PATH'])
  })

  test('runs in the folder of its bundle', async () => {
    expect(await answerOf(await invoke('folder'))).toMatch(/fixtures\/faults$/)
  })
})

describe('execution environments', () => {
  test('are used again, one invocation after the other', async () => {
    const { target } = await functionOf('faults', { handler: 'index.count' })
    const answers = []
    for (let call = 0; call < 3; call += 1) answers.push(await answerOf(await target.invoke('{}')))
    expect(answers.map(({ calls }) => calls)).toEqual([1, 2, 3])
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1)
  })

  test('handle one invocation at a time: parallel ones get environments of their own', async () => {
    const { target } = await functionOf('faults', { handler: 'index.overlap' })
    const answers = await Promise.all([0, 1, 2].map(async () => answerOf(await target.invoke('{"ms":300}'))))
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(3)
    const later = await answerOf(await target.invoke('{"ms":0}'))
    expect(answers.map(({ pid }) => pid)).toContain(later.pid)
  })

  test('are gone when the function is stopped, and what ran in them fails', async () => {
    const { target } = await functionOf('faults', { handler: 'index.overlap' })
    const { pid } = await answerOf(await target.invoke('{"ms":0}'))
    const underWay = target.invoke('{"ms":60000}', 'a-request')
    await target.stop()
    expect(await answerOf(await underWay)).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: a-request Error: Runtime exited with error: signal: killed',
    })
    expect(await commandLine(pid)).toBeUndefined()
    expect(await answerOf(await target.invoke('{}'))).toMatchObject({
      errorType: 'ResourceNotReadyException',
    })
  })
})

describe('a process that is killed', () => {
  test('while nobody has noticed fails the next invocation with its end, and the one after gets another', async () => {
    const { target } = await functionOf('faults', { handler: 'index.count' })
    const { pid } = await answerOf(await target.invoke('{}'))
    process.kill(pid, 'SIGKILL')
    // Its channel is gone, and its end not yet told.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    expect(await answerOf(await target.invoke('{}', 'a-request'))).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: a-request Error: Runtime exited with error: signal: killed',
    })
    expect(await answerOf(await target.invoke('{}'))).toMatchObject({ calls: 1 })
  })
})

describe('a handler that fails', () => {
  test('by throwing answers with the type, the message and the trace, and is used again', async () => {
    const { target } = await functionOf('faults', { handler: 'index.throwsError' })
    const error = await answerOf(await target.invoke('{}'))
    expect(error).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such thing' })
    expect(error.trace[0]).toBe('TypeError: no such thing')
    expect(error.trace[1]).toContain('faults/index.mjs')
  })

  test('by throwing something that is no error answers with its text', async () => {
    expect(await answerOf(await invoke('throwsText'))).toMatchObject({ errorMessage: 'just a text' })
  })

  test.each(['hangs', 'spins'])(
    'and %s is ended at its timeout; the next invocation is served',
    async (name) => {
      const { target } = await functionOf('faults', { handler: `index.${name}`, timeoutSeconds: 1 })
      const first = await target.invoke('{}', 'one')
      expect(await answerOf(first)).toMatchObject({
        errorType: 'Sandbox.Timedout',
        errorMessage: 'RequestId: one Error: Task timed out after 1.00 seconds',
      })
      expect(await answerOf(await target.invoke('{}', 'two'))).toMatchObject({
        errorMessage: expect.stringContaining('RequestId: two'),
      })
    },
  )

  test('by exiting answers with the exit status', async () => {
    expect(await answerOf(await invoke('exits'))).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(
        /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3$/,
      ),
    })
  })

  test('by a rejection that nothing handles answers with it', async () => {
    expect(await answerOf(await invoke('rejectsUnseen'))).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'Error: yikes',
    })
  })

  test('by an exception that nothing catches answers with it', async () => {
    expect(await answerOf(await invoke('throwsLater'))).toMatchObject({
      errorType: 'RangeError',
      errorMessage: 'too late',
    })
  })

  test('after it has answered fails no other invocation', async () => {
    const { target } = await functionOf('faults', { handler: 'index.rejectsAfterwards' })
    const first = await answerOf(await target.invoke('{}'))
    expect(await waitForEnd(first, 60_000)).toBe(true)
    const second = await target.invoke('{}')
    expect(second.ok).toBe(true)
    expect(await answerOf(second)).not.toBe(first)
  })

  test.each([
    ['and keeping it', { megabytes: 200 }],
    ['for a moment', { megabytes: 200, ms: 0 }],
  ])('by taking more memory than it has, buffers included, %s is killed', async (_, event) => {
    const resource = { handler: 'index.fillsBuffers', memoryMb: 128, timeoutSeconds: 8 }
    const { target } = await functionOf('faults', resource)
    const outcome = await target.invoke(JSON.stringify(event), 'a-request')
    expect(await answerOf(outcome)).toMatchObject({
      errorType: 'Runtime.OutOfMemory',
      errorMessage: 'RequestId: a-request Error: Runtime exited with error: signal: killed',
    })
    expect(await answerOf(await target.invoke('{"megabytes":1,"ms":0}'))).toBe(1)
  })

  test('that stays below its memory size is left alone, as long as it runs', async () => {
    const event = { megabytes: 40, ms: 500 }
    expect(await answerOf(await invoke('fillsBuffers', event, { memoryMb: 256 }))).toBe(40)
  })

  // V8 aborts where its heap is full. Which of the two limits a heap meets first is a matter of what else is there.
  test('by filling its heap is ended, by V8 or with the memory', async () => {
    expect(await answerOf(await invoke('hoards', {}, { memoryMb: 128 }))).toMatchObject({
      errorType: expect.stringMatching(/^Runtime\.(ExitError|OutOfMemory)$/),
      errorMessage: expect.stringMatching(/Runtime exited with error: signal: (aborted|killed)$/),
    })
  })

  test('by being aborted answers with that', async () => {
    expect(await answerOf(await invoke('aborts'))).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Runtime exited with error: signal: aborted$/),
    })
  })

  test('by answering with what is no JSON, or too much of it, answers with that', async () => {
    expect(await answerOf(await invoke('circular'))).toMatchObject({ errorType: 'TypeError' })
    expect(await answerOf(await invoke('large'))).toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
    })
  })

  test('while it loads answers with that at each invocation', async () => {
    const { target } = await functionOf('broken')
    for (let call = 0; call < 2; call += 1) {
      expect(await answerOf(await target.invoke('{}'))).toMatchObject({
        errorType: 'Error',
        errorMessage: 'broken while loading',
      })
    }
  })

  test('because it is not there says what is missing', async () => {
    expect(await answerOf(await invoke('missing'))).toMatchObject({
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: 'index.missing is undefined or not exported',
    })
    const { target } = await functionOf('faults', { handler: 'nowhere.handler' })
    expect(await answerOf(await target.invoke('{}'))).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
    })
  })

  test('because its bundle is not there fails and does not hang', async () => {
    const { target } = await functionOf('faults', { codeDirectory: '/nowhere/at/all' })
    expect(await answerOf(await target.invoke('{}'))).toMatchObject({ errorType: 'Runtime.ExitError' })
  })
})
