const FIRST_MS = 30_000
const MOST_MS = 3_600_000

/**
 * How long until the next attempt, in milliseconds: between nothing and a bound that doubles from half a minute to an hour.
 * Jitter over the whole range spreads the retries of what failed together.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param attempt the number of the attempt that failed, from 1
 * @param afterMs what the service asked for at least
 */
export function retryPauseMs(attempt: number, afterMs = 0, random: () => number = Math.random): number {
  const bound = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 30))
  return afterMs + random() * bound
}
