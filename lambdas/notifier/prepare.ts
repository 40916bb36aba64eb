import { errorFields } from '../core/logger.ts'
import type { AlertFacts, HistoryFacts, Message } from '../core/mail/message.ts'
import { hundredthsOf } from '../core/money.ts'
import { type AlertToTell, letGo, readAlerts } from './alerts-to-tell.ts'
import { type Attempt, storeFirst, storeRepeat } from './attempts.ts'
import type { Claimed } from './claim.ts'
import { conclude, concludeSuperseded } from './conclude.ts'
import type { NotifierRun } from './dependencies.ts'
import { readHistories } from './history-facts.ts'
import { type Person, readPeople } from './people.ts'
import { retryPauseMs } from './retry-pause.ts'

/** A message that is ready to be sent, with everything about it stored. */
export interface Prepared {
  readonly claimed: Claimed
  readonly attempts: readonly Attempt[]
}

interface Facts {
  readonly alerts: ReadonlyMap<string, readonly AlertToTell[]>
  readonly people: ReadonlyMap<string, Person>
  readonly histories: ReadonlyMap<string, HistoryFacts>
}

/** Reads what a batch of messages tells as of now, drops what is not so any more, and stores the rest. */
export async function prepare(run: NotifierRun, batch: readonly Claimed[]): Promise<readonly Prepared[]> {
  const { pool, settings } = run
  const ids = batch.map(({ id }) => id)
  const alerts = await readAlerts(pool, ids, settings.staleMs)
  const firsts = new Set(batch.filter(({ isRetry }) => !isRetry).map(({ id }) => id))
  const told = alerts.filter(({ messageId, whyNot }) => firsts.has(messageId) && !whyNot)
  const facts = {
    alerts: Map.groupBy(alerts, ({ messageId }) => messageId),
    people: await readPeople(
      pool,
      batch.map(({ userId }) => userId),
    ),
    histories: await readHistories(
      pool,
      told.map(({ productId }) => productId),
    ),
  }
  const prepared: Prepared[] = []
  for (const claimed of batch) {
    const attempts = await prepareOne(run, claimed, facts)
    if (attempts.length > 0) prepared.push({ claimed, attempts })
  }
  return prepared
}

/** One message that cannot be rendered or stored must not stop the others: it is put off, logged, and given up after a day. */
async function prepareOne(run: NotifierRun, claimed: Claimed, facts: Facts): Promise<readonly Attempt[]> {
  try {
    return await (claimed.isRetry ? repeat(run, claimed, facts) : first(run, claimed, facts))
  } catch (error) {
    run.log.error('a message could not be prepared', { messageId: claimed.id, ...errorFields(error) })
    const isLeft = Date.now() - claimed.createdMs < run.settings.giveUpMs
    const pauseMs = retryPauseMs(claimed.attempt)
    const status = await conclude(run.pool, claimed, { isLeft, reason: 'it could not be prepared', pauseMs })
    if (status === 'FAILED') run.report.messagesFailed += 1
    return []
  }
}

async function first(run: NotifierRun, claimed: Claimed, facts: Facts): Promise<readonly Attempt[]> {
  const { pool, senders, render, linksFor } = run
  const message = claimed.content ?? (await alertMessage(run, claimed, facts))
  const person = facts.people.get(claimed.userId)
  if (!message || !person) return []
  const channels = channelsFor(message, person)
  if (channels.length === 0) {
    const reason = 'the user has no channel that is on'
    if (await conclude(pool, claimed, { isLeft: false, reason, pauseMs: 0 })) run.report.messagesFailed += 1
    return []
  }
  const links = linksFor(claimed.userId, claimed.kind)
  const rendered = render(message, person, links)
  const outgoing = { messageId: claimed.id, message, rendered, unsubscribeUrl: links.leaveKind }
  const toStore = channels.map((channel) => ({
    channel,
    request: senders[channel.kind].request(channel, outgoing),
  }))
  const attempts = await storeFirst(pool, claimed, message, toStore)
  if (!attempts) run.log.warn('the lease of a message was lost', { messageId: claimed.id, at: 'storing' })
  return attempts ?? []
}

/** A test may be of one channel. */
const channelsFor = (message: Message, { channels }: Person): Person['channels'] =>
  message.kind === 'test' && message.channelId !== undefined
    ? channels.filter(({ id }) => id === message.channelId)
    : channels

/** The message of the alerts that are still so; undefined, with the message ended, where there is none. */
async function alertMessage(run: NotifierRun, claimed: Claimed, facts: Facts): Promise<Message | undefined> {
  const alerts = facts.alerts.get(claimed.id) ?? []
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
    alerts: told
      .flatMap((alert) => factsOf(alert, facts.histories))
      .toSorted((a, b) => dropOf(b) - dropOf(a)),
  }
}

/**
 * A retry tells the same as the first attempt, so it is dropped only where nothing of it is so any more, or none of its
 * watches is there. Where a channel has taken it, its alerts were told, and the other channels are not told what is not so.
 */
async function repeat(run: NotifierRun, claimed: Claimed, facts: Facts): Promise<readonly Attempt[]> {
  const alerts = facts.alerts.get(claimed.id) ?? []
  if (isOfAlerts(claimed) && alerts.every(({ whyNot }) => whyNot)) {
    if (claimed.isTaken) {
      await conclude(run.pool, claimed, { isLeft: false, reason: reasonsOf(alerts), pauseMs: 0 })
      return []
    }
    await letGoOf(run, claimed, alerts)
    await endUntold(run, claimed, alerts)
    return []
  }
  const attempts = await storeRepeat(run.pool, claimed)
  if (attempts.length > 0) return attempts
  const reason = claimed.isTaken ? null : 'every channel is off or removed'
  const status = await conclude(run.pool, claimed, { isLeft: false, reason, pauseMs: 0 })
  if (status === 'FAILED') run.report.messagesFailed += 1
  return []
}

async function letGoOf(
  { pool, report }: NotifierRun,
  { id, lease }: Claimed,
  alerts: readonly AlertToTell[],
): Promise<void> {
  report.alertsSuperseded += await letGo(pool, alerts, new Map([[id, lease]]))
}

async function endUntold(
  { pool }: NotifierRun,
  claimed: Claimed,
  alerts: readonly AlertToTell[],
): Promise<void> {
  await concludeSuperseded(pool, claimed, reasonsOf(alerts))
}

const isOfAlerts = ({ kind }: Claimed): boolean => kind === 'alert' || kind === 'digest'

/** Why a message of these alerts tells nothing. */
const reasonsOf = (alerts: readonly AlertToTell[]): string =>
  [...new Set(alerts.map(({ whyNot }) => whyNot))].join(', ') || 'its watches are gone'

function factsOf(alert: AlertToTell, histories: Facts['histories']): readonly AlertFacts[] {
  const { alertId, watchId, productId, product, cause, price, priceAt, previousPrice, targetPrice } = alert
  const history = histories.get(productId)
  if (!history) return []
  return [{ alertId, watchId, product, cause, price, priceAt, previousPrice, targetPrice, history }]
}

/** How far the price has fallen, as a part of what it was, or of the target where that is not known. */
const dropOf = ({ price, previousPrice, targetPrice }: AlertFacts): number =>
  1 - hundredthsOf(price) / hundredthsOf(previousPrice ?? targetPrice)
