import type { Pool } from 'pg'
import type { PriceUpdateProducer } from '../../core/kafka/price-update-producer.ts'
import type { KeepaClient } from '../../core/keepa/client.ts'
import type { Logger } from '../../core/logger.ts'

/** What the price check works with. */
export interface PriceCheckDependencies {
  readonly pool: Pool
  readonly keepa: Pick<KeepaClient, 'products'>
  readonly producer: PriceUpdateProducer
  readonly log: Logger
  /** Whether the buy box is asked for where Amazon itself has no offer; `on` unless said otherwise. */
  readonly buyBox?: 'on' | 'off'
  /** Milliseconds since 1970 by which the run is over. */
  readonly deadlineMs: number
}
