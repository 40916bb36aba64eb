import { randomUUID } from 'node:crypto'
import { type Clock, Waits } from '../clock.ts'
import { messageOf } from '../cloud-error.ts'
import type { Outcome } from '../lambda/execution-environment.ts'
import type { Batch, Slice } from './batch.ts'
import type { DestinationWriter, DropCondition } from './destination.ts'
import { type ErrorControls, mostRetries } from './error-controls.ts'
import type { MappingMetrics } from './metrics.ts'
import type { Part } from './partition-lane.ts'
import type { BufferedRecord } from './record.ts'
import { type Verdict, verdictOf } from './response.ts'
import { type Attempt, afterFailure, endOf, type Failure, firstAttempt, pauseBefore } from './retries.ts'

/** What deliveries work with. */
export interface DeliveryOptions {
  readonly topic: string
  readonly functionName: string
  readonly controls: ErrorControls
  readonly reportBatchItemFailures: boolean
  /** Invokes the function with a batch; one that is above Lambda's limit is an error of its own. */
  readonly invoke: (batch: Batch, requestId: string) => Promise<Outcome>
  /** Whether a record alone is above Lambda's limit. */
  readonly isTooLarge: (slice: Slice) => boolean
  readonly destination: DestinationWriter | undefined
  readonly clock: Clock
  readonly onRetry: (reason: string, pauseMs: number) => void
  readonly measured: MappingMetrics
}

/** An invocation's verdict, and the id that it had. */
type Tried = Verdict & { readonly requestId: string }

/**
 * Takes batches from their first invocation to the end: done, or dropped. A batch of several partitions is invoked
 * once; where it fails, its partitions go on apart, so that one partition's trouble never holds up another.
 */
export class BatchDelivery {
  readonly #options: DeliveryOptions
  readonly #waits: Waits
  readonly #apart = new Set<Promise<void>>()
  #stopped = false

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#waits = new Waits(options.clock)
  }

  /** Resolves after the first invocation; what it left goes on by itself until its lane is released. */
  async deliver(parts: readonly Part[]): Promise<void> {
    // Records that are given up unseen cost their partition time with the destination: no other waits for that.
    const apart = parts.filter((part) => part.records.some((record) => this.#unseen(part, record)))
    for (const part of apart) this.#goOnApart(part, [firstAttempt(part.records)])
    const together = parts.filter((part) => !apart.includes(part))
    if (together.length === 0) return
    const tried = await this.#try(together)
    await Promise.all(
      together.map(async (part) => {
        const left = recordsOf(tried, part)
        if (left.length > 0) return this.#goOnAfter(part, tried, together.length > 1)
        part.lane.commit(part, endOf(part.records))
        part.lane.release(part, 'done')
      }),
    )
  }

  /** Something was forgotten: what is under way of it is given up. */
  wake(): void {
    this.#waits.wake()
  }

  /** Gives up what waits for its next try; resolves when no invocation is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#waits.wake()
    await Promise.all(this.#apart)
  }

  async #goOnAfter(part: Part, tried: Tried, shared: boolean): Promise<void> {
    const next = await this.#settle(part, firstAttempt(part.records), tried, shared)
    if (next) this.#goOnApart(part, next)
    else part.lane.release(part, 'given-up')
  }

  #goOnApart(part: Part, attempts: readonly Attempt[]): void {
    const done = this.#work(part, [...attempts])
    this.#apart.add(done)
    void done.finally(() => this.#apart.delete(done))
  }

  /** Works off the attempts of one partition, in offset order. */
  async #work(part: Part, attempts: Attempt[]): Promise<void> {
    for (let attempt = attempts[0]; attempt; attempt = attempts[0]) {
      const next = await this.#next(part, attempt)
      if (!next) return part.lane.release(part, 'given-up')
      attempts.splice(0, 1, ...next)
    }
    part.lane.release(part, 'done')
  }

  /** Tries once; gives what is to follow in place of the attempt, undefined where it is given up. */
  async #next(part: Part, attempt: Attempt): Promise<readonly Attempt[] | undefined> {
    if (!(await this.#pause(part, attempt.pauseMs))) return undefined
    const seen: BufferedRecord[] = []
    for (const record of attempt.records) {
      const condition = this.#unseen(part, record)
      if (!condition) seen.push(record)
      else if (!(await this.#drop(part, attempt, record, condition))) return undefined
    }
    const tried = seen.length > 0 && (await this.#try([{ ...part, records: seen }]))
    if (tried && recordsOf(tried, part).length > 0) {
      return this.#settle(part, { ...attempt, records: seen }, tried, false)
    }
    part.lane.commit(part, attempt.end)
    return []
  }

  async #try(slices: readonly Slice[]): Promise<Tried> {
    const { topic, invoke, reportBatchItemFailures, measured } = this.#options
    const batch = { topic, slices }
    const requestId = randomUUID()
    measured('InvokedEventCount', count(slices))
    const verdict = verdictOf(await invoke(batch, requestId), batch, reportBatchItemFailures)
    if (verdict.left.length > 0) measured('FailedInvokeEventCount', count(verdict.left))
    return { ...verdict, requestId }
  }

  /** Commits what a try has done, and gives what is to follow for the rest. */
  async #settle(
    part: Part,
    attempt: Attempt,
    tried: Tried,
    shared: boolean,
  ): Promise<readonly Attempt[] | undefined> {
    const { controls, onRetry } = this.#options
    const { requestId, reason, throttled = false } = tried
    const failure: Failure = { left: recordsOf(tried, part), shared, requestId, throttled }
    const done = attempt.records.slice(0, attempt.records.length - failure.left.length)
    if (done.length > 0) part.lane.commit(part, endOf(done))
    if (this.#isOver(part)) return undefined
    const settings = { bisect: controls.bisectBatchOnFunctionError, mostRetries: mostRetries(controls) }
    const next = afterFailure(attempt, failure, settings)
    if (next) {
      onRetry(reason, next[0]?.pauseMs ?? 0)
      return next
    }
    const last = { ...attempt, invokes: attempt.invokes + 1, requestId }
    for (const record of failure.left) {
      if (!(await this.#drop(part, last, record, 'RetryAttemptsExhausted'))) return undefined
    }
    part.lane.commit(part, attempt.end)
    return []
  }

  /** Gives a record to the destination for as long as it takes: where that is down, nothing is dropped. */
  async #drop(
    part: Part,
    attempt: Attempt,
    record: BufferedRecord,
    condition: DropCondition,
  ): Promise<boolean> {
    const { topic, functionName, destination, clock, onRetry, measured } = this.#options
    const { partition } = part
    const { invokes, requestId } = attempt
    for (let failures = 1; destination; failures += 1) {
      try {
        await destination.write({
          ...{ topic, partition, record, condition, invokes, requestId, functionName },
          atMs: clock.nowMs(),
        })
        measured('OnFailureDestinationDeliveredEventCount', 1)
        break
      } catch (error) {
        const pauseMs = pauseBefore(failures)
        onRetry(`the on-failure destination does not take the record: ${messageOf(error)}`, pauseMs)
        if (!(await this.#pause(part, pauseMs))) return false
      }
    }
    measured('DroppedEventCount', 1)
    return true
  }

  /** Why a record is given up without an invocation, where it is. */
  #unseen(part: Part, record: BufferedRecord): DropCondition | undefined {
    const { controls, clock, destination, isTooLarge } = this.#options
    const { maximumRecordAgeSeconds } = controls
    // Asked for every record: most mappings have nothing to ask.
    if (maximumRecordAgeSeconds < 0 && !destination) return undefined
    const ageMs = clock.nowMs() - record.timestampMs
    if (maximumRecordAgeSeconds >= 0 && ageMs > maximumRecordAgeSeconds * 1000) {
      return 'MaximumRecordAgeExceeded'
    }
    const { partition } = part
    return destination && isTooLarge({ partition, records: [record] })
      ? 'MaximumPayloadSizeExceeded'
      : undefined
  }

  /** Waits; false where the part is to be given up. */
  async #pause(part: Part, ms: number): Promise<boolean> {
    const { clock } = this.#options
    const endMs = clock.nowMs() + ms
    while (!this.#isOver(part) && clock.nowMs() < endMs) await this.#waits.next(endMs - clock.nowMs())
    return !this.#isOver(part)
  }

  #isOver(part: Part): boolean {
    return this.#stopped || !part.lane.isCurrent(part)
  }
}

const recordsOf = ({ left }: Verdict, { partition }: Part): readonly BufferedRecord[] =>
  left.find((slice) => slice.partition === partition)?.records ?? []

const count = (slices: readonly Slice[]): number =>
  slices.reduce((sum, { records }) => sum + records.length, 0)
