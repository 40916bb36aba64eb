import type { MappingEvents } from '../mapping/event-source-mapping.ts'

/**
 * What `LastProcessingResult` says of a mapping: of its last batch, unless Kafka is not read.
 * https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
 */
export class ProcessingResult {
  #ofBatches = 'No records processed'
  /** Why Kafka, or a part of the topic, is not read; undefined while all of it is. */
  #unread: string | undefined

  /** `OK`, `No records processed`, or `PROBLEM: ` and what it is. */
  get text(): string {
    return this.#unread === undefined ? this.#ofBatches : `PROBLEM: ${this.#unread}`
  }

  /** The mapping is enabled: what kept it from reading before may be over. */
  begin(): void {
    this.#unread = undefined
  }

  /** Events that are passed on, and noted here. */
  listening(events: MappingEvents): MappingEvents {
    return {
      ...events,
      waiting: (mapping, reason) => {
        this.#unread = `Connection error: ${reason}`
        events.waiting(mapping, reason)
      },
      unreadable: (mapping, reason) => {
        this.#unread = reason
        events.unreadable?.(mapping, reason)
      },
      unassigned: (mapping, reason) => {
        this.#unread = reason
        events.unassigned?.(mapping, reason)
      },
      reading: (mapping) => {
        this.#unread = undefined
        events.reading(mapping)
      },
      retrying: (mapping, reason, pauseMs) => {
        this.#ofBatches = `PROBLEM: Function call failed: ${reason}`
        events.retrying(mapping, reason, pauseMs)
      },
      measured: (mapping, metric, value) => {
        if (metric === 'CommittedEventCount') this.#ofBatches = 'OK'
        events.measured?.(mapping, metric, value)
      },
    }
  }
}
