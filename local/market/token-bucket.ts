/** How many requests a key may make: Keepa's tokens. */
export interface TokenPlan {
  /** The most that can be saved up. */
  readonly capacity: number
  readonly refillPerMinute: number
}

/** The token fields of every answer. */
export interface TokenState {
  readonly tokensLeft: number
  /** Milliseconds. */
  readonly refillIn: number
  /** Per minute. */
  readonly refillRate: number
}

export interface TokenBucket {
  /** Takes tokens where there is at least one, even into debt, as Keepa does; `false` where there is none. */
  take(tokens: number): boolean
  state(): TokenState
  set(tokens: number): void
}

const REFILL_INTERVAL_MS = 60_000

/** A full bucket that is refilled once a minute from now on. */
export function createTokenBucket({ capacity, refillPerMinute }: TokenPlan, now: () => number): TokenBucket {
  let tokens = capacity
  let refilledAt = now()

  function refill(): void {
    const refills = Math.floor((now() - refilledAt) / REFILL_INTERVAL_MS)
    if (refills < 1) return
    tokens = Math.min(capacity, tokens + refills * refillPerMinute)
    refilledAt += refills * REFILL_INTERVAL_MS
  }

  return {
    take(cost) {
      refill()
      if (tokens < 1) return false
      tokens -= cost
      return true
    },
    state() {
      refill()
      const refillIn = refilledAt + REFILL_INTERVAL_MS - now()
      return { tokensLeft: tokens, refillIn, refillRate: refillPerMinute }
    },
    set(value) {
      refill()
      tokens = value
    },
  }
}
