import { createRequire } from 'node:module'
import { expect, test } from '@jest/globals'
import { type RequestQueue, restIdleConnections } from '../../local/resting-connections.ts'

/** kafkajs's own queue, with the change. */
function queue(pending: readonly unknown[], throttledUntil = -1): RequestQueue {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    readonly prototype: RequestQueue
  }
  const own = Object.create(prototype) as RequestQueue
  restIdleConnections(own)
  return Object.assign(Object.create(own) as RequestQueue, {
    ...{ pending, throttledUntil, throttleCheckTimeoutId: null },
  })
}

test.each([
  ['with nothing to send sets no timer', [], -1, false],
  ['with a request that waits is looked at again', [{}], -1, true],
  ['that is throttled is looked at when that is over', [], Date.now() + 60_000, true],
])('a connection %s', (_, pending, throttledUntil, isScheduled) => {
  const own = queue(pending, throttledUntil)
  own.scheduleCheckPendingRequests()
  expect(own.throttleCheckTimeoutId !== null).toBe(isScheduled)
  clearTimeout(own.throttleCheckTimeoutId ?? undefined)
})
