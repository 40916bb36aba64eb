import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { ownDir } from '../helpers/stoppable.ts'
import { invoke } from '../producers/invoke.ts'
import { alert, channel, type Notifying, notifying } from './notifying.ts'

let bundle: string
let notifier: Notifying
beforeAll(async () => {
  // Node reads no TSX, of which the letters are made.
  bundle = join(await ownDir('notifier'), 'index.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, '..', '..', 'lambdas', 'notifier', 'handler.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pg-native'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  })
})
beforeEach(async () => {
  notifier = await notifying()
})
afterEach(() => notifier.close())

const run = (overrides: Readonly<Record<string, string>> = {}, input: unknown = {}) =>
  invoke(
    bundle,
    {
      KEEPER_FUNCTION: 'notifier',
      KEEPER_STAGE: 'test',
      DATABASE_URL: notifier.url,
      DATABASE_AUTHENTICATION: 'password',
      CHANNEL_ADDRESSES: 'local',
      NOTIFIER_SENDS_PER_SECOND: '100',
      ...overrides,
    },
    input,
    90_000,
  )

describe('notifier', () => {
  test('tells a webhook what has happened, counts it in one line of metrics, and logs no secret', async () => {
    const { userId } = await alert(notifier, { price: 40, previous: 60 })
    await channel(notifier, userId)
    await notifier.query('update notification_channels set address = $1, secret = $2', [
      `${notifier.service.url}/hook`,
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    ])
    const invocation = await run({}, { scheduledTime: '2026-02-20T12:00:00Z' })
    expect(invocation).toMatchObject({ result: { alertsGathered: 1, deliveriesSent: 1, stopped: null } })
    expect(notifier.service.requests).toMatchObject([{ path: '/hook' }])
    expect(notifier.service.requests[0]?.body).toContain('40.00')
    expect(invocation.lines.filter((line) => '_aws' in line)).toMatchObject([
      {
        Stage: 'test',
        Function: 'notifier',
        AlertsGathered: 1,
        AlertsSuperseded: 0,
        DeliveriesSent: 1,
        DeliveriesFailed: 0,
        MessagesFailed: 0,
        SendingStopped: 0,
        OldestDueSeconds: 0,
      },
    ])
    expect(JSON.stringify(invocation)).not.toContain('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  })

  test('with nothing to tell ends at once', async () => {
    expect(await run()).toMatchObject({ result: { alertsGathered: 0, deliveriesSent: 0 }, stderr: '' })
  })

  test.each([
    [{ DATABASE_URL: '' }, 'environment_missing', /DATABASE_URL is not set/],
    [{ NOTIFIER_COLLECT_SECONDS: 'soon' }, 'environment_invalid', /NOTIFIER_COLLECT_SECONDS is "soon"/],
    [{ NOTIFIER_SENDS_PER_SECOND: '0' }, 'environment_invalid', /use a number above 0/],
  ])('with %p it fails with one error line that names the variable', async (overrides, code, message) => {
    const invocation = await run(overrides)
    expect(invocation.error).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(invocation.lines.filter(({ level }) => level === 'ERROR')).toMatchObject([{ errorCode: code }])
  })
})
