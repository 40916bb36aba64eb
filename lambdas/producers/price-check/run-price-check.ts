import { inRun, type NotBegun, type ProducerRun, type RunInput } from '../../core/postgres/producer-runs.ts'
import { addStep, isToBeSentAgain, type RunEnd, type RunReport } from '../../core/producing/run-report.ts'
import { sendAll } from '../../core/producing/send-all.ts'
import { type Asked, askForPrices } from './ask-for-prices.ts'
import type { PriceCheckDependencies } from './dependencies.ts'
import { type Page, PagesInFlight } from './pages-in-flight.ts'
import { nextPage, type Place } from './watched-page.ts'

/** The least time left to start a page: enough for one answer and the sends in flight. */
const PAGE_MS = 20_000

/** The place before every product: domains and ASINs are not empty. */
const START: Place = { domain: '', asin: '' }

/**
 * Asks for the price of every watched product, and sends an event for each that has one. Keepa is asked for one page at
 * a time, while the events of earlier pages are in flight. If tokens or time run out, the run stops and the next one
 * resumes there. Events that Kafka did not acknowledge are sent by the next run, which starts at the first of them.
 * @throws KeeperError of the database; other failures are in the report
 */
export function runPriceCheck(
  input: RunInput,
  dependencies: PriceCheckDependencies,
): Promise<RunReport | NotBegun> {
  const { pool, deadlineMs } = dependencies
  const leaseMs = deadlineMs - Date.now() + PAGE_MS
  return inRun<Place, RunReport>(pool, 'price-check', input, leaseMs, (run) => checkAll(run, dependencies))
}

async function checkAll(run: ProducerRun<Place>, dependencies: PriceCheckDependencies): Promise<RunReport> {
  const pages = new PagesInFlight(run)
  let stop: Stop | undefined
  try {
    stop = await checkPages(run.cursor, pages, dependencies)
  } finally {
    // Even if the database failed: wait for the events in flight, and save the cursor after them.
    await pages.concluded()
  }
  const { report, sendAgainAfter } = pages
  if (stop) {
    const after = sendAgainAfter ?? stop.after
    await run.pause(after)
    dependencies.log.warn('the run stopped early; the next one resumes here', { end: stop.end, after })
    return { ...addStep(report, stop.step), end: stop.end }
  }
  const resumeAfter = sendAgainAfter ?? (isKafkaAway(report) ? run.cursor : undefined)
  await (resumeAfter ? run.pause(resumeAfter) : run.finish())
  return report
}

/** Nothing was sent and no token was spent, so the pass may be retried any number of times. */
const isKafkaAway = (report: RunReport): boolean =>
  isToBeSentAgain(report) && report.sent === 0 && report.tokensLeft === null

/** Why a run stops early, and the product after which the next one resumes. */
interface Stop extends Pick<Asked, 'step'> {
  readonly end: RunEnd
  readonly after: Place
}

/**
 * Asks for page after page and starts sending their events; returns after the last page, or when the run stops. A page's
 * events are created after the next request has been sent, so that Keepa works meanwhile.
 */
async function checkPages(
  cursor: Place | null,
  pages: PagesInFlight,
  dependencies: PriceCheckDependencies,
): Promise<Stop | undefined> {
  const { pool, producer, log, deadlineMs } = dependencies
  let after = cursor ?? START
  let answered: (Asked & Pick<Page, 'after' | 'through'>) | undefined
  const sendAnswered = () => {
    if (!answered) return
    const sending = sendAll(answered.prices, (price) => producer.sendPriceUpdate(price), log)
    pages.add({ ...answered, sending })
    answered = undefined
  }
  try {
    for (;;) {
      await pages.room()
      const page = await nextPage(pool, after)
      if (!page) return undefined
      if (Date.now() + PAGE_MS > deadlineMs) return { end: 'out-of-time', after, step: {} }
      const asking = askForPrices(page, dependencies)
      const [asked] = await Promise.all([asking, questionIsOut().then(sendAnswered)])
      // A page that already failed the last run is skipped; otherwise no other page would ever be asked for.
      const isSkipped = asked.end === 'keepa-fault' && after === cursor
      if (asked.end && !isSkipped) return { end: asked.end, after, step: asked.step }
      answered = { ...asked, after, through: page.through }
      after = answered.through
    }
  } finally {
    sendAnswered()
  }
}

/** A request on an open connection is written within the same turn of the event loop. */
const questionIsOut = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
