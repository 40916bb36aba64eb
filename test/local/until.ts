import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until a question is answered with something true, which it gives. Throws after `timeoutMs`: long, since a busy
 * machine is no failure.
 */
export async function until<T>(
  question: () => T | Promise<T>,
  timeoutMs = 90_000,
): Promise<Exclude<T, false | undefined | null | 0 | ''>> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await question()
    if (answer) return answer as Exclude<T, false | undefined | null | 0 | ''>
    if (Date.now() > deadline) throw new Error(`Still not so after ${timeoutMs} ms: ${question}`)
    await sleep(25)
  }
}

/** 0, 1, 2 ... */
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
