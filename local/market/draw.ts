/**
 * A number in [0, 1) that follows from its parts alone: the same parts draw the same number on every machine, and no
 * draw depends on an earlier one. Murmur-like mixing of 32-bit words; good enough for a market, for nothing secret.
 */
export function draw(...parts: readonly number[]): number {
  let hash = 0x9e3779b9
  for (const part of parts) {
    hash = Math.imul(hash ^ part, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return (hash >>> 0) / 2 ** 32
}

/** One of `values`, each as likely as the others. */
export function pick<T>(values: readonly [T, ...T[]], ...parts: readonly number[]): T {
  return values[Math.floor(draw(...parts) * values.length)] ?? values[0]
}
