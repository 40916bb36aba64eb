import { type Clock, systemClock } from '../clock.ts'
import type { FunctionMetrics } from '../cloudwatch/lambda-metrics.ts'
import { writeDocument } from '../destinations.ts'
import type { AsyncSettings } from './async-settings.ts'
import type { Outcome } from './execution-environment.ts'

/** What a queue of asynchronous events needs of the function that it belongs to. */
export interface AsyncQueueOptions {
  readonly functionArn: string
  readonly settings: AsyncSettings
  readonly invoke: (payload: string, requestId: string) => Promise<Outcome>
  /** The folder of all destinations. */
  readonly directory: string
  readonly clock?: Clock
  readonly measured?: FunctionMetrics
}

/** Told once an attempt of an event is over. */
export type Attempted = (outcome: Outcome) => void

const MINUTE_MS = 60_000
const LONGEST_THROTTLE_MS = 5 * MINUTE_MS

/** An event on its way, and what was tried with it. */
interface QueuedEvent {
  readonly payload: string
  readonly requestId: string
  readonly sinceMs: number
  readonly attempted: Attempted
  invokes: number
  throttles: number
  /** Of the last attempt that reached the function. */
  last: Outcome | undefined
}

/**
 * Lambda's queue of a function's asynchronous events. An event whose invocation fails is tried twice more, after one
 * minute and then two; one that finds no free concurrency waits, from one second to five minutes, and that costs no
 * attempt. What outlives its age or its attempts goes to the destination for failures. Events that wait when the queue
 * is stopped are gone.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export class AsyncQueue {
  readonly #options: AsyncQueueOptions
  readonly #clock: Clock
  readonly #waits = new Set<() => void>()
  #stopped = false

  constructor(options: AsyncQueueOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** Takes an event; it is invoked without the caller's waiting for it. */
  send(payload: string, requestId: string, attempted: Attempted = () => undefined): void {
    const sinceMs = this.#clock.nowMs()
    this.#options.measured?.('AsyncEventsReceived', 1, sinceMs)
    void this.#attempt({ payload, requestId, sinceMs, attempted, invokes: 0, throttles: 0, last: undefined })
  }

  /** Gives up what waits. */
  stop(): void {
    this.#stopped = true
    for (const cancel of this.#waits) cancel()
    this.#waits.clear()
  }

  async #attempt(event: QueuedEvent): Promise<void> {
    const atMs = this.#clock.nowMs()
    const outcome = await this.#options.invoke(event.payload, event.requestId)
    if (this.#stopped) {
      event.attempted(outcome)
      return
    }
    if (outcome.ok || !outcome.throttled) {
      event.invokes += 1
      this.#options.measured?.('AsyncEventAge', atMs - event.sinceMs, atMs)
      event.last = outcome
    }
    this.#next(event, outcome)
    event.attempted(outcome)
  }

  #next(event: QueuedEvent, outcome: Outcome): void {
    const { maximumRetryAttempts = 2, onSuccess } = this.#options.settings
    if (outcome.ok) this.#deliver(event, onSuccess, 'Success')
    else if (outcome.throttled === 'for good') this.#giveUp(event, 'ZeroReservedConcurrency')
    else if (outcome.throttled) {
      this.#again(event, Math.min(1_000 * 2 ** event.throttles, LONGEST_THROTTLE_MS))
      event.throttles += 1
    } else if (event.invokes > maximumRetryAttempts) this.#giveUp(event, 'RetriesExhausted')
    else this.#again(event, event.invokes * MINUTE_MS)
  }

  /** An event that would be too old by then is given up when it comes of age. */
  #again(event: QueuedEvent, waitMs: number): void {
    const { maximumEventAgeSeconds = 21_600 } = this.#options.settings
    const oldAtMs = event.sinceMs + maximumEventAgeSeconds * 1_000
    const tooOld = this.#clock.nowMs() + waitMs > oldAtMs
    const cancel = this.#clock.after(tooOld ? oldAtMs - this.#clock.nowMs() : waitMs, () => {
      this.#waits.delete(cancel)
      if (tooOld) this.#giveUp(event, 'EventAgeExceeded')
      else void this.#attempt(event)
    })
    this.#waits.add(cancel)
  }

  #giveUp(event: QueuedEvent, condition: string): void {
    this.#options.measured?.('AsyncEventsDropped', 1, this.#clock.nowMs())
    this.#deliver(event, this.#options.settings.onFailure, condition)
  }

  /**
   * A document that cannot be written is lost, as on AWS, where a metric counts it.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
   */
  #deliver(event: QueuedEvent, destination: string | undefined, condition: string): void {
    if (destination === undefined) return
    const { functionArn, directory } = this.#options
    const { last } = event
    const atMs = this.#clock.nowMs()
    writeDocument(directory, destination, atMs, {
      version: '1.0',
      timestamp: new Date(atMs).toISOString(),
      requestContext: {
        requestId: event.requestId,
        functionArn: `${functionArn}:$LATEST`,
        condition,
        approximateInvokeCount: event.invokes,
      },
      requestPayload: JSON.parse(event.payload),
      ...(last && {
        responseContext: {
          statusCode: 200,
          executedVersion: '$LATEST',
          ...(!last.ok && { functionError: 'Unhandled' }),
        },
        responsePayload: last.ok ? JSON.parse(last.payload) : last.error,
      }),
    }).catch(() => this.#options.measured?.('DestinationDeliveryFailures', 1, atMs))
  }
}
