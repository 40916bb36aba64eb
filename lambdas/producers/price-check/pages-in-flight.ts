import type { ProducerRun } from '../../core/postgres/producer-runs.ts'
import {
  addStep,
  EMPTY_REPORT,
  isToBeSentAgain,
  type RunReport,
  type RunStep,
} from '../../core/producing/run-report.ts'
import type { SendReport } from '../../core/producing/send-all.ts'
import type { Place } from './watched-page.ts'

/** A page that Keepa has answered and whose events are being sent. */
export interface Page {
  /** The product before its first. */
  readonly after: Place
  /** Its last product. */
  readonly through: Place
  /** What to report, apart from sending its events. */
  readonly step: RunStep
  /** Never rejects. */
  readonly sending: Promise<SendReport>
}

/**
 * At most this many pages are in flight: with the page answered last, about one Kafka request's worth of messages. If a
 * run dies, the next one repeats them.
 */
const MOST_IN_FLIGHT = 4

/**
 * The pages of a run whose events are being sent. They are concluded in order, whichever finishes first: each is
 * reported, and the cursor is saved after it. While a save is in progress, only the newest cursor waits to be saved.
 */
export class PagesInFlight {
  readonly #run: ProducerRun<Place>
  readonly #conclusions: Promise<void>[] = []
  #report = EMPTY_REPORT
  #sendAgainAfter: Place | undefined
  #toSave: Place | undefined
  #saving: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(run: ProducerRun<Place>) {
    this.#run = run
  }

  /** The report on the concluded pages. */
  get report(): RunReport {
    return this.#report
  }

  /**
   * Where the next run must start so that unsent events are sent; undefined if all were sent. Set only by a run that
   * started from the beginning: going back twice in a row would starve the other pages.
   */
  get sendAgainAfter(): Place | undefined {
    return this.#sendAgainAfter
  }

  add(page: Page): void {
    const before = this.#conclusions.at(-1)
    this.#conclusions.push(Promise.all([page.sending, before]).then(([sent]) => this.#conclude(page, sent)))
  }

  /**
   * Resolves once another page may be added.
   * @throws KeeperError of the database if the cursor could not be saved
   */
  async room(): Promise<void> {
    while (this.#conclusions.length >= MOST_IN_FLIGHT) await this.#conclusions[0]
    if (this.#failure) throw this.#failure.error
  }

  /**
   * Resolves once all pages are concluded and the cursor is saved after the last.
   * @throws KeeperError of the database if the cursor could not be saved
   */
  async concluded(): Promise<void> {
    await this.#conclusions.at(-1)
    await this.#saving
    if (this.#failure) throw this.#failure.error
  }

  #conclude({ after, through, step }: Page, sent: SendReport): void {
    this.#conclusions.shift()
    this.#report = addStep(addStep(this.#report, step), sent)
    const isIncomplete = isToBeSentAgain(step) || isToBeSentAgain(sent)
    if (this.#run.cursor === null && isIncomplete) this.#sendAgainAfter ??= after
    this.#toSave = through
    this.#saving ??= this.#save()
  }

  async #save(): Promise<void> {
    try {
      for (let cursor = this.#toSave; cursor; cursor = this.#toSave) {
        this.#toSave = undefined
        await this.#run.save(cursor)
      }
    } catch (error) {
      this.#failure = { error }
    }
    this.#saving = undefined
  }
}
