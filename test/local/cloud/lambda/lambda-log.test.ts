import { afterEach, describe, expect, test } from '@jest/globals'
import type { FunctionResource } from '../../../../local/cloud/lambda/function-resource.ts'
import { fixtureFunction } from '../fixture-function.ts'

const disposals: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(disposals.splice(0).map((dispose) => dispose()))
})

/** A handler of fixtures/faults, and its log line by line. */
async function functionOf(name: string, resource: Partial<FunctionResource> = {}) {
  const fixture = await fixtureFunction('faults', { name, handler: `index.${name}`, ...resource })
  disposals.push(fixture.dispose)
  const lines = async () =>
    (await fixture.log())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  const platform = async (type: string) =>
    (await lines()).filter((line) => line.type === `platform.${type}`).map(({ record }) => record)
  return { target: fixture.target, lines, platform }
}

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)

describe("a function's log", () => {
  test('holds what it prints as JSON with time, level and request, and JSON lines as they are', async () => {
    const { target, lines } = await functionOf('logs')
    await target.invoke('{}', 'a-request')
    const head = { timestamp: TIME, requestId: 'a-request' }
    expect((await lines()).filter(({ type }) => type === undefined)).toEqual([
      { ...head, level: 'INFO', message: "checked 3 products { asin: 'B0' }" },
      { ...head, level: 'INFO', message: { asin: 'B0' } },
      {
        ...head,
        level: 'ERROR',
        message: { errorType: 'RangeError', errorMessage: 'too far', stackTrace: expect.any(Array) },
      },
      { _aws: { Timestamp: 1 }, Checked: 3 },
      { timestamp: '2026-03-28T10:00:00.000Z', level: 'WARN', message: 'own line' },
    ])
  })

  test('says of each invocation when it starts and what it took, and of the first what the start took', async () => {
    const { target, lines, platform } = await functionOf('echo', { memoryMb: 300 })
    await target.invoke('{}', 'one')
    await target.invoke('{}', 'two')
    expect((await lines()).map(({ type }) => type)).toEqual([
      'platform.initStart',
      'platform.start',
      'platform.report',
      'platform.start',
      'platform.report',
    ])
    expect(await platform('start')).toEqual([
      { requestId: 'one', version: '$LATEST' },
      { requestId: 'two', version: '$LATEST' },
    ])
    const [cold, warm] = await platform('report')
    expect(cold).toEqual({
      requestId: 'one',
      status: 'success',
      metrics: {
        durationMs: expect.any(Number),
        billedDurationMs: Math.ceil(cold.metrics.durationMs + cold.metrics.initDurationMs),
        memorySizeMB: 300,
        maxMemoryUsedMB: expect.any(Number),
        initDurationMs: expect.any(Number),
      },
    })
    expect(cold.metrics.initDurationMs).toBeGreaterThan(1)
    expect(warm.metrics).not.toHaveProperty('initDurationMs')
    expect(warm.metrics.billedDurationMs).toBe(Math.ceil(warm.metrics.durationMs))
  })

  test('holds the error that the answer holds', async () => {
    const { target, lines, platform } = await functionOf('throwsError')
    await target.invoke('{}', 'a-request')
    expect((await lines()).find(({ level }) => level === 'ERROR')).toMatchObject({
      requestId: 'a-request',
      message: { errorType: 'TypeError', errorMessage: 'no such thing' },
    })
    expect(await platform('report')).toMatchObject([{ status: 'error', errorType: 'TypeError' }])
  })

  test('reports a timeout with the time that it took', async () => {
    const { target, platform } = await functionOf('hangs', { timeoutSeconds: 1 })
    await target.invoke('{}')
    const [report] = await platform('report')
    expect(report.status).toBe('timeout')
    expect(report.metrics.durationMs).toBeGreaterThanOrEqual(990)
  })

  test('reports memory that ran out with all of it used', async () => {
    const { target, platform } = await functionOf('fillsBuffers', { memoryMb: 128 })
    await target.invoke('{"megabytes":200}')
    expect(await platform('report')).toMatchObject([
      {
        status: 'error',
        errorType: 'Runtime.OutOfMemory',
        metrics: { memorySizeMB: 128, maxMemoryUsedMB: 128 },
      },
    ])
  })

  test('reports an exit, and what could not be loaded', async () => {
    const exits = await functionOf('exits')
    await exits.target.invoke('{}')
    expect(await exits.platform('report')).toMatchObject([
      { status: 'error', errorType: 'Runtime.ExitError' },
    ])
    const missing = await functionOf('missing')
    await missing.target.invoke('{}')
    expect(await missing.platform('report')).toMatchObject([
      { status: 'error', errorType: 'Runtime.HandlerNotFound' },
    ])
  })
})

describe('the tail of an invocation', () => {
  test('is the last 4 KB of what it logged', async () => {
    const { target } = await functionOf('logsMuch')
    await target.invoke('{"bytes":10}', 'before')
    const few = await target.invokeWithTail('{"bytes":10}', 'few')
    expect(few.tail.toString()).toContain('"requestId":"few"')
    expect(few.tail.toString()).not.toContain('before')
    const much = await target.invokeWithTail('{"bytes":9000}', 'much')
    expect(much.tail).toHaveLength(4096)
    expect(much.tail.toString()).toContain('"type":"platform.report"')
  })
})
