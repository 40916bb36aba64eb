import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runApp } from '../../local/synth.ts'
import { until } from './until.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keeper-synth-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const never = () => new AbortController().signal

describe('the CDK app', () => {
  test('that cannot be synthesized says why in its own words', async () => {
    const before = process.env.CDK_CONTEXT_JSON
    process.env.CDK_CONTEXT_JSON = '{"size":"gigantic","profile":"gigantic"}'
    try {
      await expect(runApp(join(directory, 'bad'), never())).rejects.toMatchObject({
        code: 'synth_failed',
        message: expect.stringMatching(/^The CDK app cannot be synthesized (.|\n)*gigantic/),
      })
    } finally {
      if (before === undefined) delete process.env.CDK_CONTEXT_JSON
      else process.env.CDK_CONTEXT_JSON = before
    }
  })

  test('is ended while it is synthesized where the run is to stop', async () => {
    const controller = new AbortController()
    const synthesized = runApp(join(directory, 'ended'), controller.signal)
    const failure = expect(synthesized).rejects.toThrow('aborted')
    await until(() => existsSync(join(directory, 'ended')))
    controller.abort()
    await failure
    // The app would have written it last.
    expect(existsSync(join(directory, 'ended', 'manifest.json'))).toBe(false)
  })
})
