import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { FunctionResource } from '../../../../local/cloud/lambda/function-resource.ts'
import { until } from '../../until.ts'
import { fixtureFunction } from '../fixture-function.ts'
import { TurnableClock } from '../turnable-clock.ts'

const MINUTE_MS = 60_000

const disposals: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(disposals.splice(0).map((dispose) => dispose()))
})

/** A function of fixtures/faults with a clock to turn; `attempts` grows by what each attempt came to. */
async function functionOf(name: string, resource: Partial<FunctionResource> = {}) {
  const clock = new TurnableClock(Date.parse('2026-03-28T10:00:00Z'))
  const { target, directory, dispose } = await fixtureFunction(
    'faults',
    { name, handler: `index.${name}`, ...resource },
    {},
    clock,
  )
  disposals.push(dispose)
  const attempts: string[] = []
  const send = (payload = '{}', requestId = 'a-request') =>
    target.send(payload, requestId, (outcome) => attempts.push(outcome.ok ? 'done' : outcome.error.errorType))
  const documents = async (destination: string) => {
    const folder = join(directory, 'destinations', destination)
    const names = await readdir(folder).catch(() => [])
    const whole = names.filter((file) => file.endsWith('.json')).sort()
    return Promise.all(whole.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8'))))
  }
  return { target, clock, attempts, send, documents, directory }
}

describe('an asynchronous event', () => {
  test('that fails is tried again after one minute, then after two, and no more', async () => {
    const { clock, attempts, send } = await functionOf('throwsError')
    send()
    await until(() => attempts.length === 1)
    clock.turn(MINUTE_MS - 1)
    expect(attempts).toHaveLength(1)
    clock.turn(1)
    await until(() => attempts.length === 2)
    clock.turn(2 * MINUTE_MS - 1)
    expect(attempts).toHaveLength(2)
    clock.turn(1)
    await until(() => attempts.length === 3)
    clock.turn(600 * MINUTE_MS)
    expect(attempts).toEqual(['TypeError', 'TypeError', 'TypeError'])
  })

  test('that fails for good leaves its document at the on-failure destination', async () => {
    const asynchronous = { maximumRetryAttempts: 1, onFailure: 'FailedEvents' }
    const { clock, attempts, send, documents } = await functionOf('throwsError', { asynchronous })
    send('{"asin":"B0"}')
    await until(() => attempts.length === 1)
    clock.turn(MINUTE_MS)
    await until(async () => (await documents('FailedEvents')).length === 1)
    expect(await documents('FailedEvents')).toEqual([
      {
        version: '1.0',
        timestamp: '2026-03-28T10:01:00.000Z',
        requestContext: {
          requestId: 'a-request',
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:throwsError:$LATEST',
          condition: 'RetriesExhausted',
          approximateInvokeCount: 2,
        },
        requestPayload: { asin: 'B0' },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: expect.objectContaining({ errorType: 'TypeError', errorMessage: 'no such thing' }),
      },
    ])
  })

  test('that grows older than its maximum age is given up without another attempt', async () => {
    const asynchronous = { maximumEventAgeSeconds: 90, onFailure: 'FailedEvents' }
    const { clock, attempts, send, documents } = await functionOf('throwsError', { asynchronous })
    send()
    await until(() => attempts.length === 1)
    clock.turn(MINUTE_MS)
    await until(() => attempts.length === 2)
    clock.turn(30_000)
    await until(async () => (await documents('FailedEvents')).length === 1)
    const [document] = await documents('FailedEvents')
    expect(document.requestContext).toMatchObject({
      condition: 'EventAgeExceeded',
      approximateInvokeCount: 2,
    })
  })

  test('that succeeds leaves its document at the on-success destination', async () => {
    const { send, documents } = await functionOf('echo', { asynchronous: { onSuccess: 'Done' } })
    send('{"asin":"B0"}')
    await until(async () => (await documents('Done')).length === 1)
    expect((await documents('Done'))[0]).toMatchObject({
      requestContext: { condition: 'Success', approximateInvokeCount: 1 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST' },
      responsePayload: { asin: 'B0' },
    })
  })

  test('that waits is gone when the function is stopped', async () => {
    const { target, clock, attempts, send } = await functionOf('throwsError')
    send()
    await until(() => attempts.length === 1)
    await target.stop()
    clock.turn(10 * MINUTE_MS)
    expect(attempts).toHaveLength(1)
  })
})

describe('reserved concurrency', () => {
  test('throttles what exceeds it, and an asynchronous event waits for its turn', async () => {
    const { target, clock, attempts, send, directory } = await functionOf('waitsFor', {
      reservedConcurrency: 1,
      asynchronous: { maximumRetryAttempts: 0 },
    })
    const end = join(directory, 'end')
    const underWay = target.invoke(JSON.stringify({ file: end }))
    expect(await target.invoke('{}')).toMatchObject({
      ok: false,
      throttled: 'for now',
      error: { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' },
    })
    send()
    await until(() => attempts.length === 1)
    clock.turn(1_000)
    await until(() => attempts.length === 2)
    await writeFile(end, '')
    await underWay
    clock.turn(1_999)
    expect(attempts).toHaveLength(2)
    clock.turn(1)
    await until(() => attempts.length === 3)
    expect(attempts).toEqual(['TooManyRequestsException', 'TooManyRequestsException', 'done'])
  })

  test('of zero invokes nothing, and sends events to the on-failure destination at once', async () => {
    const { target, send, documents } = await functionOf('echo', {
      reservedConcurrency: 0,
      asynchronous: { onFailure: 'FailedEvents' },
    })
    expect(await target.invoke('{}')).toMatchObject({ throttled: 'for good' })
    send()
    await until(async () => (await documents('FailedEvents')).length === 1)
    const [document] = await documents('FailedEvents')
    expect(document.requestContext).toMatchObject({
      condition: 'ZeroReservedConcurrency',
      approximateInvokeCount: 0,
    })
    expect(document).not.toHaveProperty('responsePayload')
  })
})
