import { expect, test } from '@jest/globals'
import { readOptions } from '../../local/options.ts'
import { createScreen } from '../../local/screen.ts'
import { start } from '../../local/start.ts'
import { StopStack } from '../../local/stop-stack.ts'

test('where the engine does not start, what is being prepared is ended before the run is over', async () => {
  const stops = new StopStack()
  let ended = false
  const run = {
    options: readOptions(['--engine', 'external']),
    screen: createScreen({ write: () => undefined }),
    stopping: new AbortController().signal,
    stops,
    lock: { publish: async () => undefined, release: async () => undefined },
    stateDirectory: '/nowhere',
  }
  const started = start(run, {
    // Nobody's environment names one.
    services: ['connect'],
    prepare: (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          ended = true
          reject(signal.reason)
        }),
      ),
    read: () => Promise.reject(new Error('there is nothing to read')),
  })
  await expect(started).rejects.toMatchObject({ code: 'engine_settings_missing' })
  expect(await stops.stopAll()).toEqual([])
  expect(ended).toBe(true)
})
