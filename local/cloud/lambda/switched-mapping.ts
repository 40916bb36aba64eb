import { type Clock, systemClock } from '../clock.ts'
import {
  EventSourceMapping,
  type MappingEvents,
  type MappingOptions,
} from '../mapping/event-source-mapping.ts'
import type { MappingResource } from '../mapping/mapping-resource.ts'

/** https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html */
export type MappingState = 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled'

/** Results of the last attempt to process: nothing came, or no connection was there. */
const NOTHING_YET = 'No records processed'
const NO_CONNECTION = 'PROBLEM: Connection error: '

/**
 * A mapping that can be disabled and enabled while the run lasts. A disabled one has left its group, with what was
 * done committed; enabled again, it resumes at the committed offsets.
 */
export class SwitchedMapping {
  readonly resource: MappingResource
  readonly #options: MappingOptions
  readonly #clock: Clock
  readonly #disabled: () => void
  #state: MappingState
  #lastModifiedMs: number
  #lastProcessingResult: string = NOTHING_YET
  #mapping: EventSourceMapping | undefined
  #disabling: Promise<void> = Promise.resolve()
  #stopped = false

  /** `disabled` is called whenever the group is left. */
  constructor(resource: MappingResource, options: MappingOptions, disabled: () => void = () => undefined) {
    const { clock = systemClock } = options
    this.#disabled = disabled
    this.resource = resource
    this.#clock = clock
    this.#options = { ...options, events: this.#listening(options.events) }
    this.#lastModifiedMs = clock.nowMs()
    this.#state = resource.enabled === false ? 'Disabled' : 'Creating'
    // What cannot be read of it shows before anything runs.
    if (this.#state !== 'Disabled') this.#mapping = new EventSourceMapping(resource, this.#options)
  }

  get state(): MappingState {
    return this.#state
  }

  /** When the state last changed, in milliseconds since 1970. */
  get lastModifiedMs(): number {
    return this.#lastModifiedMs
  }

  /** `OK`, `No records processed`, or `PROBLEM: ` and what it is. */
  get lastProcessingResult(): string {
    return this.#lastProcessingResult
  }

  /** Topic and function, as in `price-updates -> price-consumer`. */
  get name(): string {
    return `${this.resource.topic} -> ${this.functionName}`
  }

  /** The partitions that are stopped by records that cannot be read. */
  get unreadable(): readonly number[] {
    return this.#mapping?.unreadable ?? []
  }

  get bootstrapServers(): string {
    return this.#options.bootstrapServers
  }

  get functionName(): string {
    return this.#options.target.resource.name
  }

  /** Begins to read, unless it begins disabled. */
  start(): void {
    this.#mapping?.start()
  }

  /** Reads again from the committed offsets; `Enabled` once it is in its group, or Kafka cannot be reached. */
  enable(): void {
    if (this.#stopped || this.#state !== 'Disabled') return
    this.#become('Enabling')
    this.#mapping = new EventSourceMapping(this.resource, this.#options)
    this.#mapping.start()
  }

  /** Takes no more records; `Disabled` once the invocations in flight are over and the group is left. */
  disable(): void {
    const mapping = this.#mapping
    if (!mapping || this.#state !== 'Enabled') return
    this.#become('Disabling')
    this.#disabling = mapping.stop().then(
      () => this.#left(),
      () => this.#left(),
    )
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all([this.#mapping?.stop(), this.#disabling])
  }

  #left(): void {
    this.#mapping = undefined
    this.#become('Disabled')
    this.#disabled()
  }

  #listening(events: MappingEvents): MappingEvents {
    return {
      ...events,
      joined: (mapping) => {
        // It polls again, and has no records so far.
        if (this.#lastProcessingResult.startsWith(NO_CONNECTION)) this.#lastProcessingResult = NOTHING_YET
        this.#begun()
        events.joined?.(mapping)
      },
      waiting: (mapping, reason) => {
        this.#lastProcessingResult = `${NO_CONNECTION}${reason}`
        this.#begun()
        events.waiting(mapping, reason)
      },
      unreadable: (mapping, reason) => {
        this.#lastProcessingResult = `PROBLEM: ${reason}`
        events.unreadable?.(mapping, reason)
      },
      unassigned: (mapping, reason) => {
        this.#lastProcessingResult = `PROBLEM: ${reason}`
        events.unassigned?.(mapping, reason)
      },
      retrying: (mapping, reason, pauseMs) => {
        this.#lastProcessingResult = `PROBLEM: Function call failed: ${reason}`
        events.retrying(mapping, reason, pauseMs)
      },
      measured: (mapping, metric, value) => {
        if (metric === 'CommittedEventCount') this.#lastProcessingResult = 'OK'
        events.measured?.(mapping, metric, value)
      },
    }
  }

  #begun(): void {
    if (this.#state === 'Creating' || this.#state === 'Enabling') this.#become('Enabled')
  }

  #become(state: MappingState): void {
    this.#state = state
    this.#lastModifiedMs = this.#clock.nowMs()
  }
}
