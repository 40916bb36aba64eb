import { codeOf, KeeperError, messageOf } from '../errors.ts'
import type { SentRecord } from '../kafka/topic-producer.ts'
import type { Logger } from '../logger.ts'
import type { ProductKey } from '../prices/watched-products.ts'

/** A product for which no event was sent, and why. */
export interface Unsent {
  readonly asin: string
  readonly domain: string
  /** A stable id, such as `kafka_unreachable`. */
  readonly code: string
  /** True if another run may succeed. */
  readonly retriable: boolean
}

/** The outcome of sending a list of events. */
export interface SendReport {
  readonly sent: number
  readonly notSent: readonly Unsent[]
}

/**
 * Sends an event for each item and waits for all acknowledgements. A failure is logged and listed; the others continue.
 * The events' partitions and offsets are logged once for the list.
 */
export async function sendAll<Item extends ProductKey>(
  items: readonly Item[],
  send: (item: Item) => Promise<SentRecord>,
  log: Logger,
): Promise<SendReport> {
  const notSent: Unsent[] = []
  const offsets: Record<number, { first: string; last: string; events: number }> = {}
  const outcomes = await Promise.allSettled(items.map(send))
  outcomes.forEach((outcome, index) => {
    if (outcome.status === 'fulfilled') {
      const { partition, offset } = outcome.value
      const known = offsets[partition]
      offsets[partition] = { first: known?.first ?? offset, last: offset, events: (known?.events ?? 0) + 1 }
      return
    }
    const item = items[index]
    if (item) notSent.push(unsent(item, outcome.reason))
  })
  const sent = items.length - notSent.length
  if (sent > 0) log.info('events sent', { sent, partitions: offsets })
  logUnsent(notSent, outcomes.find((outcome) => outcome.status === 'rejected')?.reason, log)
  return { sent, notSent }
}

/** The report for products whose events cannot be sent, all for the same reason. */
export function sendNone(items: readonly ProductKey[], error: unknown, log: Logger): SendReport {
  const notSent = items.map((item) => unsent(item, error))
  logUnsent(notSent, error, log)
  return { sent: 0, notSent }
}

/** An entry for a product whose event was not sent because of `error`. */
export const unsent = ({ asin, domain }: ProductKey, error: unknown): Unsent => ({
  asin,
  domain,
  code: codeOf(error) ?? 'not_sent',
  retriable: error instanceof KeeperError && error.retriable,
})

function logUnsent(notSent: readonly Unsent[], error: unknown, log: Logger): void {
  if (notSent.length === 0) return
  log.error('events were not sent', { reason: messageOf(error), notSent })
}
