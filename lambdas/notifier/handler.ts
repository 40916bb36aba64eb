import middy from '@middy/core'
import { deadlineOf, functionNameOf, producerPool } from '../core/clients.ts'
import { optional } from '../core/environment.ts'
import * as ENVIRONMENT from '../core/environment-names.ts'
import { readLinkKeysText } from '../core/link-keys.ts'
import { createLogger } from '../core/logger.ts'
import { readLinkKeys } from '../core/mail/link-tokens.ts'
import { linksFor, type PublicLinks } from '../core/mail/links.ts'
import { renderMessage } from '../core/mail/render.ts'
import { emitMetrics, METRICS } from '../core/metrics.ts'
import { reportInvocation } from '../core/report-invocation.ts'
import { createSenders, senderSettingsIn } from './channels/senders.ts'
import type { NotifierReport } from './dependencies.ts'
import { oldestDueSeconds, runNotifier } from './run-notifier.ts'
import { askedToSendAgain, sendAgain } from './send-again.ts'
import { settingsIn } from './settings.ts'

const log = createLogger({ function: 'notifier' })

/** Less than the schedule's minute, so that two runs do not send at once and exceed the rate together. */
const CLAIM_FOR_MS = 55_000

/** Reserved for what is in flight: a sender waits for at most 10 s. */
const SEND_MS = 15_000

let senders: ReturnType<typeof createSenders> | undefined

/** Links are signed with keys this old at most, so that a key that was replaced is soon out of use. */
const KEYS_FOR_MS = 3_600_000

let links: { readonly places: PublicLinks; readonly readMs: number } | undefined

/** Where the public page is, with the keys for its links; undefined where there is none. */
async function publicLinks(): Promise<PublicLinks | undefined> {
  const baseUrl = optional(process.env, ENVIRONMENT.linksUrl, '')
  if (!baseUrl) return undefined
  if (!links || Date.now() - links.readMs > KEYS_FOR_MS) {
    const keys = readLinkKeys(await readLinkKeysText(process.env))
    links = { places: { baseUrl, keys }, readMs: Date.now() }
  }
  return links.places
}

/**
 * Invoked by its schedule each minute, and by hand or after an import at any time. The event says nothing, unless a person
 * has a message sent again.
 */
export const handler = middy<unknown, NotifierReport & { readonly sentAgain?: number }>()
  .use(reportInvocation(log))
  .handler(async (event, context) => {
    const pool = producerPool()
    const asked = askedToSendAgain(event)
    const sentAgain = asked === undefined ? undefined : await sendAgain(pool, asked)
    const deadlineMs = deadlineOf(context)
    const places = await publicLinks()
    senders ??= createSenders(senderSettingsIn(process.env))
    const report = await runNotifier({
      pool,
      senders,
      render: renderMessage,
      linksFor: (userId, kind) => linksFor(places, userId, kind),
      settings: settingsIn(process.env),
      log,
      claimUntilMs: Math.min(Date.now() + CLAIM_FOR_MS, deadlineMs - SEND_MS),
      deadlineMs,
    })
    if (report.stopped !== null) log.error('sending is stopped', { reason: report.stopped })
    log.info('the run is over', { ...report, ...(asked && { asked, sentAgain }) })
    const { stopped, ...counts } = report
    emitMetrics(functionNameOf(context), {
      [METRICS.alertsGathered]: counts.alertsGathered,
      [METRICS.alertsSuperseded]: counts.alertsSuperseded,
      [METRICS.deliveriesSent]: counts.deliveriesSent,
      [METRICS.deliveriesFailed]: counts.deliveriesFailed,
      [METRICS.messagesFailed]: counts.messagesFailed,
      [METRICS.sendingStopped]: stopped === null ? 0 : 1,
      [METRICS.oldestDue]: await oldestDueSeconds(pool),
    })
    return sentAgain === undefined ? report : { ...report, sentAgain }
  })
