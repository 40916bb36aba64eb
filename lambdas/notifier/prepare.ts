import { errorFields } from '../core/logger.ts'
import type { HistoryFacts, Message } from '../core/mail/message.ts'
import { alertMessage, endUntold, isOfAlerts, letGoOf, reasonsOf } from './alert-message.ts'
import { type AlertToTell, readAlerts } from './alerts-to-tell.ts'
import { type Attempt, storeFirst, storeRepeat, type ToTry } from './attempts.ts'
import type { Channel } from './channels/channel.ts'
import type { Claimed } from './claim.ts'
import { conclude } from './conclude.ts'
import type { NotifierRun } from './dependencies.ts'
import { readHistories } from './history-facts.ts'
import { readUntaken } from './other-channels.ts'
import { type Person, readPeople } from './people.ts'
import { retryPauseMs } from './retry-pause.ts'

/** A message that is ready to be sent, with everything about it stored. */
export interface Prepared extends ToTry {
  readonly claimed: Claimed
}

const nowOnly = (attempts: readonly Attempt[]): ToTry => ({ attempts, waitMs: null })

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
    const toTry = await prepareOne(run, claimed, facts)
    if (toTry.attempts.length > 0) prepared.push({ claimed, ...toTry })
  }
  return prepared
}

/** One message that cannot be rendered or stored must not stop the others: it is put off, logged, and given up after a day. */
async function prepareOne(run: NotifierRun, claimed: Claimed, facts: Facts): Promise<ToTry> {
  try {
    return claimed.isRetry ? await repeat(run, claimed, facts) : nowOnly(await first(run, claimed, facts))
  } catch (error) {
    run.log.error('a message could not be prepared', { messageId: claimed.id, ...errorFields(error) })
    const isLeft = Date.now() - claimed.createdMs < run.settings.giveUpMs
    const pauseMs = retryPauseMs(claimed.attempt)
    const status = await conclude(run.pool, claimed, { isLeft, reason: 'it could not be prepared', pauseMs })
    if (status === 'FAILED') run.report.messagesFailed += 1
    return nowOnly([])
  }
}

async function first(run: NotifierRun, claimed: Claimed, facts: Facts): Promise<readonly Attempt[]> {
  const message =
    claimed.content ?? (await alertMessage(run, claimed, facts.alerts.get(claimed.id) ?? [], facts.histories))
  const person = facts.people.get(claimed.userId)
  if (!message || !person) return []
  const channels = channelsFor(message, person)
  if (channels.length === 0) {
    const reason = 'the user has no channel that is on'
    if (await conclude(run.pool, claimed, { isLeft: false, reason, pauseMs: 0 }))
      run.report.messagesFailed += 1
    return []
  }
  return await toChannels(run, claimed, message, person, channels)
}

/** The first attempt at each of these channels. */
async function toChannels(
  run: NotifierRun,
  claimed: Claimed,
  message: Message,
  person: Person,
  channels: readonly Channel[],
): Promise<readonly Attempt[]> {
  const { pool, senders, render, linksFor } = run
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

/**
 * A retry tells the same as the first attempt, so it is dropped only where nothing of it is so any more, or none of its
 * watches is there. Where a channel has taken it, its alerts were told, and the other channels are not told what is not so.
 */
async function repeat(run: NotifierRun, claimed: Claimed, facts: Facts): Promise<ToTry> {
  const alerts = facts.alerts.get(claimed.id) ?? []
  if (isOfAlerts(claimed) && alerts.every(({ whyNot }) => whyNot)) {
    if (claimed.isTaken) {
      await conclude(run.pool, claimed, { isLeft: false, reason: reasonsOf(alerts), pauseMs: 0 })
      return nowOnly([])
    }
    await letGoOf(run, claimed, alerts)
    await endUntold(run, claimed, alerts)
    return nowOnly([])
  }
  const toTry = await storeRepeat(run.pool, claimed)
  if (toTry.attempts.length > 0) return toTry
  if (toTry.waitMs !== null) {
    const reason = 'its channel asked to be left alone for a time'
    await conclude(run.pool, claimed, { isLeft: true, reason, pauseMs: toTry.waitMs })
    return toTry
  }
  const others = claimed.isTaken || claimed.kind === 'test' ? undefined : await elsewhere(run, claimed, facts)
  if (others) return nowOnly(others)
  const reason = claimed.isTaken ? null : 'every channel is off or removed'
  const status = await conclude(run.pool, claimed, { isLeft: false, reason, pauseMs: 0 })
  if (status === 'FAILED') run.report.messagesFailed += 1
  return nowOnly([])
}

/**
 * Where no channel took a message, and each is off or removed by now, it goes to those that are on and were not tried: to the
 * e-mail, if there is no other. Of alerts it tells the facts of now. Undefined where there is no such channel.
 */
async function elsewhere(
  run: NotifierRun,
  claimed: Claimed,
  facts: Facts,
): Promise<readonly Attempt[] | undefined> {
  const person = facts.people.get(claimed.userId)
  const untaken = person && (await readUntaken(run.pool, claimed.id, person.channels))
  if (!untaken || untaken.others.length === 0) return undefined
  if (!isOfAlerts(claimed)) return await toChannels(run, claimed, untaken.content, person, untaken.others)
  const alerts = facts.alerts.get(claimed.id) ?? []
  const histories = await readHistories(
    run.pool,
    alerts.map(({ productId }) => productId),
  )
  const message = await alertMessage(run, claimed, alerts, histories)
  return message ? await toChannels(run, claimed, message, person, untaken.others) : []
}
