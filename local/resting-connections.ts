import { createRequire } from 'node:module'

/** What of kafkajs's queue of a connection's requests is looked at here. */
export interface RequestQueue {
  readonly pending: readonly unknown[]
  /** Milliseconds since 1970; -1 while nothing is throttled. */
  readonly throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  scheduleCheckPendingRequests(): void
}

/**
 * Lets idle connections of kafkajs rest. kafkajs 2.2.4 looks for pending requests again and again although none is
 * pending: a time in the past makes it a timer of 1 ms on each connection, which costs an idle run 3 % of a core. Here
 * the next look is scheduled only where a request waits or the broker throttles.
 * Source: kafkajs src/network/requestQueue/index.js, scheduleCheckPendingRequests
 */
export function restIdleConnections(prototype: RequestQueue = kafkajsQueue()): void {
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this)
  }
}

const kafkajsQueue = (): RequestQueue =>
  (createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue })
    .prototype
