import { asObject } from '../../lambdas/core/keepa/json.ts'
import { FAULTS, type Fault, type FaultQueue } from './faults.ts'
import type { TokenBucket } from './token-bucket.ts'

/** What can be switched while the market is open. */
export interface Switches {
  dealsEnabled: boolean
  thinkTimeMs: number
}

/**
 * Applies what was posted to `/control`: `{"next": [500, "cut"], "dealsEnabled": false, "thinkTimeMs": 50,
 * "tokensLeft": -20}`, each field alone or with others. Nothing is applied where anything is wrong.
 * @returns a text that says what is wrong, or undefined
 */
export function control(
  asked: unknown,
  faults: FaultQueue,
  bucket: TokenBucket,
  switches: Switches,
): string | undefined {
  const { next = [], dealsEnabled, thinkTimeMs, tokensLeft, ...unknown } = asObject(asked) ?? { body: asked }
  if (Object.keys(unknown).length > 0)
    return `${Object.keys(unknown).join(', ')}: not known; next, dealsEnabled, thinkTimeMs and tokensLeft are.`
  if (!Array.isArray(next) || !next.every(isFault)) return `next: a list of ${FAULTS.join(', ')}.`
  if (dealsEnabled !== undefined && typeof dealsEnabled !== 'boolean') return 'dealsEnabled: true or false.'
  if (thinkTimeMs !== undefined && !(typeof thinkTimeMs === 'number' && thinkTimeMs >= 0))
    return 'thinkTimeMs: milliseconds, 0 or more.'
  if (tokensLeft !== undefined && typeof tokensLeft !== 'number') return 'tokensLeft: a number, also below 0.'
  faults.next(...next)
  switches.dealsEnabled = dealsEnabled ?? switches.dealsEnabled
  switches.thinkTimeMs = thinkTimeMs ?? switches.thinkTimeMs
  if (tokensLeft !== undefined) bucket.set(tokensLeft)
  return undefined
}

const isFault = (value: unknown): value is Fault => FAULTS.some((fault) => fault === value)
