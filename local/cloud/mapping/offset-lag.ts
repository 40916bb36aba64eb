import type { MappingMetrics } from './metrics.ts'

/** Where a partition is: what the group goes on with, and behind the newest record that can be read. */
interface Position {
  next: bigint
  end: bigint
}

/** How far a mapping is behind its topic, in records of all its partitions, and how many it has done with. */
export class OffsetLag {
  readonly #positions = new Map<number, Position>()
  readonly #measured: MappingMetrics
  readonly #told = new Map<string, number>()

  constructor(measured: MappingMetrics) {
    this.#measured = measured
  }

  /** Unread records of all partitions. */
  get total(): number {
    return this.#lags().reduce((a, b) => a + b, 0)
  }

  /** A partition that is read from `first` on was asked for more, and its end is `end`. */
  read(partition: number, first: bigint, end: bigint): void {
    const position = this.#positions.get(partition)
    if (position) position.end = end
    else this.#positions.set(partition, { next: first, end })
    this.#report()
  }

  /** The group goes on at `next`. */
  committed(partition: number, next: bigint): void {
    const position = this.#positions.get(partition)
    if (!position || next <= position.next) return
    this.#measured('CommittedEventCount', Number(next - position.next))
    position.next = next
    this.#report()
  }

  /** Positions begin anew at what is committed. */
  forget(): void {
    this.#positions.clear()
  }

  /** Tells levels where they have changed: partitions are asked for many times a second. */
  #report(): void {
    this.#tell('MaxOffsetLag', Math.max(0, ...this.#lags()))
    this.#tell('OffsetLag', this.total)
  }

  #lags(): readonly number[] {
    return [...this.#positions.values()].map(({ next, end }) => Math.max(Number(end - next), 0))
  }

  #tell(metric: 'MaxOffsetLag' | 'OffsetLag', value: number): void {
    if (this.#told.get(metric) === value) return
    this.#told.set(metric, value)
    this.#measured(metric, value)
  }
}
