import type { Pool } from 'pg'
import type { PriceUpdateProducer } from '../../core/kafka/price-update-producer.ts'
import type { KeepaClient } from '../../core/keepa/client.ts'
import type { Logger } from '../../core/logger.ts'

/** What the price check needs. */
export interface PriceCheckDependencies {
  readonly pool: Pool
  readonly keepa: Pick<KeepaClient, 'products'>
  readonly producer: PriceUpdateProducer
  readonly log: Logger
  /** Whether to ask for the buy box if Amazon itself has no offer; default `on`. */
  readonly buyBox?: 'on' | 'off'
  /** Milliseconds since 1970 by which the run must end. */
  readonly deadlineMs: number
}
