/** Where a partition ended at a time. */
interface End {
  readonly atMs: number
  readonly offset: number
}

/**
 * Estimates how long the oldest unread record of a partition has waited, from where the partition ended when it was
 * looked at. Of records that were there before the first look it is known only that they have waited since.
 */
export class TimeLag {
  /** The first of them, if any, ended at or before the oldest unread record. */
  #ends: readonly End[] = []

  /** @param end the offset that the next record will have @param next the offset that the group goes on with */
  seconds(atMs: number, end: number, next: number): number {
    const ends = [...this.#ends, { atMs, offset: end }]
    const after = ends.findIndex(({ offset }) => offset > next)
    if (after < 0) {
      this.#ends = ends.slice(-1)
      return 0
    }
    this.#ends = ends.slice(Math.max(after - 1, 0))
    const [from, to] = [ends[after - 1], ends[after]]
    return Math.round((atMs - arrivalMs(from, to, next)) / 1_000)
  }
}

/** Between two looks, records are taken to have come evenly. */
function arrivalMs(from: End | undefined, to: End | undefined, offset: number): number {
  if (!to) return 0
  if (!from) return to.atMs
  const share = (offset - from.offset) / (to.offset - from.offset)
  return from.atMs + share * (to.atMs - from.atMs)
}
