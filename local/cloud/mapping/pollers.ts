import type { Clock } from '../clock.ts'
import { LagWatch } from './lag-watch.ts'
import type { MappingResource } from './mapping-resource.ts'
import type { PartitionLane } from './partition-lane.ts'
import { Poller, type PollerOptions } from './poller.ts'

/** What the pollers of a mapping work with. */
export interface PollersOptions extends Omit<PollerOptions, 'onBusy'> {
  /** Of provisioned mode; undefined on demand. */
  readonly limits: MappingResource['pollers']
  /** Records that are unread now. */
  readonly lag: () => number
  readonly clock: Clock
}

/** Without provisioned mode: one poller for all partitions at first, and at most one for each. */
const ON_DEMAND = { minimum: 1, maximum: Number.POSITIVE_INFINITY }

/**
 * The pollers of a mapping: as many as its mode has at first, and more where one cannot keep up, never more than
 * partitions. https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html
 */
export class Pollers {
  readonly #options: PollersOptions
  readonly #pollers: Poller[] = []
  readonly #runs: Promise<void>[] = []
  #lagWatch: LagWatch | undefined

  constructor(options: PollersOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#pollers.length
  }

  /** Looks at the lag from now on; in provisioned mode only how busy pollers are counts. */
  start(): void {
    const { limits, lag, batchSize, clock } = this.#options
    if (limits) return
    this.#lagWatch ??= new LagWatch({ lag, batchSize, clock, behind: () => this.#relieveMost() })
  }

  /** Takes no more batches; resolves once the invocations under way are over. */
  async stop(): Promise<void> {
    this.#lagWatch?.stop()
    for (const poller of this.#pollers) poller.stop()
    await Promise.all(this.#runs)
  }

  /** The least pollers that there are to be come first, then partitions share them. */
  own(lane: PartitionLane): void {
    const { minimum } = this.#options.limits ?? ON_DEMAND
    const [fewest] = [...this.#pollers].sort((a, b) => a.partitions - b.partitions)
    const poller = this.#pollers.length < minimum ? this.#newPoller() : (fewest ?? this.#newPoller())
    poller.own(lane)
  }

  wake(): void {
    for (const poller of this.#pollers) poller.wake()
  }

  #relieveMost(): void {
    const [most] = [...this.#pollers].sort((a, b) => b.partitions - a.partitions)
    if (most) this.#relieve(most, 'all')
  }

  #relieve(poller: Poller, which: 'waiting' | 'all'): void {
    const { maximum } = this.#options.limits ?? ON_DEMAND
    if (this.#pollers.length >= maximum) return
    const lanes = poller.giveAway(which)
    if (lanes.length === 0) return
    const another = this.#newPoller()
    for (const lane of lanes) another.own(lane)
  }

  #newPoller(): Poller {
    const poller: Poller = new Poller({
      ...this.#options,
      onBusy: () => this.#relieve(poller, 'waiting'),
    })
    this.#pollers.push(poller)
    this.#runs.push(poller.run())
    return poller
  }
}
