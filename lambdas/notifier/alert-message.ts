import type { AlertFacts, HistoryFacts, Message } from '../core/mail/message.ts'
import { hundredthsOf } from '../core/money.ts'
import { type AlertToTell, letGo } from './alerts-to-tell.ts'
import type { Claimed } from './claim.ts'
import { concludeSuperseded } from './conclude.ts'
import type { NotifierRun } from './dependencies.ts'

/** The message of the alerts that are still so; undefined, with the message ended, where there is none. */
export async function alertMessage(
  run: NotifierRun,
  claimed: Claimed,
  alerts: readonly AlertToTell[],
  histories: ReadonlyMap<string, HistoryFacts>,
): Promise<Message | undefined> {
  await letGoOf(
    run,
    claimed,
    alerts.filter(({ whyNot }) => whyNot),
  )
  const told = alerts.filter(({ whyNot }) => !whyNot)
  if (told.length === 0) {
    await endUntold(run, claimed, alerts)
    return undefined
  }
  return {
    kind: claimed.kind === 'digest' ? 'digest' : 'alert',
    alerts: told.flatMap((alert) => factsOf(alert, histories)).toSorted((a, b) => dropOf(b) - dropOf(a)),
  }
}

/** Takes these alerts out of the message. */
export async function letGoOf(
  { pool, report }: NotifierRun,
  { id, lease }: Claimed,
  alerts: readonly AlertToTell[],
): Promise<void> {
  report.alertsSuperseded += await letGo(pool, alerts, new Map([[id, lease]]))
}

/** Ends a message that tells none of its alerts. */
export async function endUntold(
  { pool }: NotifierRun,
  claimed: Claimed,
  alerts: readonly AlertToTell[],
): Promise<void> {
  await concludeSuperseded(pool, claimed, reasonsOf(alerts))
}

/** Whether what a message tells are alerts. */
export const isOfAlerts = ({ kind }: Claimed): boolean => kind === 'alert' || kind === 'digest'

/** Why a message of these alerts tells nothing. */
export const reasonsOf = (alerts: readonly AlertToTell[]): string =>
  [...new Set(alerts.map(({ whyNot }) => whyNot))].join(', ') || 'its watches are gone'

function factsOf(alert: AlertToTell, histories: ReadonlyMap<string, HistoryFacts>): readonly AlertFacts[] {
  const { alertId, watchId, productId, product, cause, price, priceAt, previousPrice, targetPrice } = alert
  const history = histories.get(productId)
  if (!history) return []
  return [{ alertId, watchId, product, cause, price, priceAt, previousPrice, targetPrice, history }]
}

/** How far the price has fallen, as a part of what it was, or of the target where that is not known. */
const dropOf = ({ price, previousPrice, targetPrice }: AlertFacts): number =>
  1 - hundredthsOf(price) / hundredthsOf(previousPrice ?? targetPrice)
