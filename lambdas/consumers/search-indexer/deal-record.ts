import type { AcceptedRecord } from '../../core/consuming/topic-consumer.ts'
import type { DealDocument } from '../../core/search/deal-document.ts'

/** A record with the deal that is to be indexed. */
export interface DealRecord extends AcceptedRecord {
  readonly id: string
  readonly version: number
  readonly document: DealDocument
}
