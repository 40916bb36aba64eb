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

/** A page that was asked for and whose events are on their way. */
export interface Page {
  /** The product before its first. */
  readonly after: Place
  /** Its last product. */
  readonly through: Place
  /** What there was to report before its events were sent. */
  readonly step: RunStep
  /** Never rejects. */
  readonly sending: Promise<SendReport>
}

/**
 * With the page that was answered last, as many products as a request to Kafka has messages. A run that dies is gone
 * on with before them.
 */
const MOST_UNDER_WAY = 4

/**
 * The pages of a run that are being sent. They are concluded in their order, whichever is done first: reported, and
 * the cursor saved behind them. While one save is under way others wait, and only the last of them is made.
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

  /** Of the pages that are concluded. */
  get report(): RunReport {
    return this.#report
  }

  /**
   * Where the next run begins for the sake of events that were not sent; undefined where it need not. Only a run from
   * the beginning is gone back to: two in a row would keep the pages before from being checked.
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
   * @throws KeeperError of the database, where the cursor could not be saved
   */
  async room(): Promise<void> {
    while (this.#conclusions.length >= MOST_UNDER_WAY) await this.#conclusions[0]
    if (this.#failure) throw this.#failure.error
  }

  /**
   * Resolves once all pages are concluded and the cursor is saved behind the last.
   * @throws KeeperError of the database, where the cursor could not be saved
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
