import { inRun, type NotBegun, type ProducerRun, type RunInput } from '../../core/postgres/producer-runs.ts'
import { addStep, isToBeSentAgain, type RunEnd, type RunReport } from '../../core/producing/run-report.ts'
import { sendAll } from '../../core/producing/send-all.ts'
import { type Asked, askForPrices } from './ask-for-prices.ts'
import type { PriceCheckDependencies } from './dependencies.ts'
import { type Page, PagesInFlight } from './pages-in-flight.ts'
import { nextPage, type Place } from './watched-page.ts'

/** No page is begun with less than this left: time for one answer and for the sends under way. */
const PAGE_MS = 20_000

/** Before every product: domains and ASINs are not empty. */
const START: Place = { domain: '', asin: '' }

/**
 * Asks for the price of every watched product and sends an event for each that has
 * one. Keepa is asked for one page at a time, while the events of the pages before are on their way. Out of tokens or
 * time it stops, and the next run goes on from there. Events that Kafka did not take are sent by the next run, which
 * begins at the first of them.
 * @throws KeeperError of the database; whatever else goes wrong is in the report
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
    // Also where the database failed: what was sent is waited for, and the cursor saved behind it.
    await pages.concluded()
  }
  const { report, sendAgainAfter } = pages
  if (stop) {
    const after = sendAgainAfter ?? stop.after
    await run.pause(after)
    dependencies.log.warn('the run stops and the next one goes on from here', { end: stop.end, after })
    return { ...addStep(report, stop.step), end: stop.end }
  }
  const resumeAfter = sendAgainAfter ?? (isKafkaAway(report) ? run.cursor : undefined)
  await (resumeAfter ? run.pause(resumeAfter) : run.finish())
  return report
}

/** Nothing was sent and no token spent: the pass may be tried again as often as need be. */
const isKafkaAway = (report: RunReport): boolean =>
  isToBeSentAgain(report) && report.sent === 0 && report.tokensLeft === null

/** Why a run is over before its end, and the product after which the next one goes on. */
interface Stop extends Pick<Asked, 'step'> {
  readonly end: RunEnd
  readonly after: Place
}

/**
 * Asks for page after page and begins to send; returns after the last page, or where the run stops. The events of a
 * page are made once the question for the next one is out, so that Keepa works meanwhile.
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
      // A page that also failed the last run is passed over, or no other page would be asked for again.
      const isPassedOver = asked.end === 'keepa-fault' && after === cursor
      if (asked.end && !isPassedOver) return { end: asked.end, after, step: asked.step }
      answered = { ...asked, after, through: page.through }
      after = answered.through
    }
  } finally {
    sendAnswered()
  }
}

/** A question on an open connection is written in the same turn of the event loop. */
const questionIsOut = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
