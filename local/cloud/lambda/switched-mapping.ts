import { type Clock, systemClock } from '../clock.ts'
import {
  EventSourceMapping,
  type MappingEvents,
  type MappingOptions,
} from '../mapping/event-source-mapping.ts'
import type { MappingResource } from '../mapping/mapping-resource.ts'
import { ProcessingResult } from './processing-result.ts'

/** https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html */
export type MappingState = 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled'

/**
 * A mapping that can be disabled and enabled while the run lasts. A disabled one has left its group, with what was
 * done committed; enabled again, it resumes at the committed offsets.
 */
export class SwitchedMapping {
  readonly resource: MappingResource
  readonly #options: MappingOptions
  readonly #clock: Clock
  readonly #disabled: () => void
  readonly #result = new ProcessingResult()
  #state: MappingState
  #lastModifiedMs: number
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

  get lastProcessingResult(): string {
    return this.#result.text
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
    this.#result.begin()
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
    return this.#result.listening({
      ...events,
      joined: (mapping) => {
        this.#begun()
        events.joined?.(mapping)
      },
      waiting: (mapping, reason) => {
        this.#begun()
        events.waiting(mapping, reason)
      },
    })
  }

  #begun(): void {
    if (this.#state === 'Creating' || this.#state === 'Enabling') this.#become('Enabled')
  }

  #become(state: MappingState): void {
    this.#state = state
    this.#lastModifiedMs = this.#clock.nowMs()
  }
}
