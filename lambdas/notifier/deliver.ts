import { codeOf, messageOf } from '../core/errors.ts'
import { type Attempt, type AttemptEnd, askedWaitMs, markAttempt } from './attempts.ts'
import type { Claimed } from './claim.ts'
import { conclude, type Ended } from './conclude.ts'
import type { NotifierRun } from './dependencies.ts'
import type { Pace } from './pace.ts'
import { switchOff } from './people.ts'
import type { Prepared } from './prepare.ts'
import { retryPauseMs } from './retry-pause.ts'

/** What sending needs beside the run itself. */
export interface Sending {
  readonly pace: Pace
  /** Aborted when the run's time is over. */
  readonly signal: AbortSignal
  /** Until when this run may rely on the batch's leases, by its own clock. */
  readonly leaseEndsMs: number
}

const NOT_TRIED: AttemptEnd = { result: 'not-tried', reason: 'the run ended before it was tried' }

/** Ends after which the channel is left to try. */
const LEFT: readonly AttemptEnd['result'][] = ['again', 'stopped', 'not-tried']

/** Sends a message to each of its channels by itself, marks each as its end is known, and ends the attempt. */
export async function deliver(run: NotifierRun, prepared: Prepared, sending: Sending): Promise<void> {
  const { claimed, attempts, waitMs } = prepared
  const ended = await Promise.all(attempts.map((attempt) => attemptOne(run, prepared, attempt, sending)))
  const ends = ended.map(({ outcome }) => outcome)
  const left = ends.filter(({ result }) => LEFT.includes(result))
  const failure = ends.findLast((outcome) => 'reason' in outcome)
  const conclusion = {
    isLeft: left.length > 0 || waitMs !== null || mayGoElsewhere(claimed, ends),
    reason: failure && 'reason' in failure ? failure.reason : null,
    pauseMs: pauseMsOf(claimed.attempt, left, waitMs),
  }
  const status = await conclude(run.pool, claimed, conclusion, ended)
  if (status === 'FAILED') run.report.messagesFailed += 1
  if (!status) run.log.warn('the lease of a message was lost', { messageId: claimed.id, at: 'its end' })
}

/**
 * Until the first channel may be tried: those that wait longer are left out then. One that was not tried does not wait for
 * itself, but for one that failed.
 */
function pauseMsOf(attempt: number, left: readonly AttemptEnd[], waitMs: number | null): number {
  const waits = waitMs === null ? [] : [waitMs]
  if (left.some(({ result }) => result === 'again'))
    waits.push(...left.map((end) => retryPauseMs(attempt, askedWaitMs(end) ?? 0)))
  else if (left.length > 0) waits.push(0)
  return waits.length > 0 ? Math.min(...waits) : 0
}

/**
 * Whether nothing took the message and a channel turned out to be dead: the next attempt looks for one in its place. A test
 * is of the channels that it was for.
 */
const mayGoElsewhere = ({ isTaken, kind }: Claimed, ends: readonly AttemptEnd[]): boolean =>
  !isTaken &&
  kind !== 'test' &&
  ends.every(({ result }) => result !== 'sent') &&
  ends.some((end) => end.result === 'refused' && end.isChannelDead === true)

/** Sends to one channel. Of several, each is marked at once: a run that dies repeats no more than what was in flight. */
async function attemptOne(
  run: NotifierRun,
  { claimed, attempts }: Prepared,
  attempt: Attempt,
  sending: Sending,
): Promise<Ended> {
  const outcome = givenUp(await send(run, claimed.id, attempt, sending), attempt, run.settings.giveUpMs)
  const { kind, id } = attempt.channel
  if (outcome.result === 'stopped') run.report.stopped = outcome.reason
  if (outcome.result === 'sent') run.report.deliveriesSent += 1
  else if (outcome.result !== 'not-tried') {
    run.report.deliveriesFailed += 1
    const { result, reason } = outcome
    run.log.warn('a message was not taken', { messageId: claimed.id, kind, channelId: id, result, reason })
  }
  if (outcome.result === 'refused' && outcome.isChannelDead) {
    await switchOff(run.pool, claimed.userId, attempt.channel, outcome.reason)
  }
  if (attempts.length > 1) await markAttempt(run.pool, claimed, attempt.deliveryId, outcome)
  return { deliveryId: attempt.deliveryId, outcome }
}

async function send(
  { senders, report, claimUntilMs }: NotifierRun,
  messageId: string,
  { channel, request }: Attempt,
  { pace, signal, leaseEndsMs }: Sending,
): Promise<AttemptEnd> {
  const hasTurn = await pace.turn(Math.min(claimUntilMs, leaseEndsMs))
  const leftMs = leaseEndsMs - Date.now()
  if (!hasTurn || report.stopped !== null || leftMs <= 0) return NOT_TRIED
  try {
    const untilLease = AbortSignal.any([signal, AbortSignal.timeout(leftMs)])
    return await senders[channel.kind].send(channel, request, messageId, untilLease)
  } catch (error) {
    // A sender reports what it meets; what it throws is a mistake in it, which must not stop the others.
    return { result: 'again', reason: `the sender failed: ${codeOf(error) ?? messageOf(error)}` }
  }
}

/** After a day of failures a channel is given up: by then the price is old. */
function givenUp(outcome: AttemptEnd, { firstTriedMs }: Attempt, giveUpMs: number): AttemptEnd {
  if (outcome.result !== 'again') return outcome
  if (Date.now() - firstTriedMs < giveUpMs) return outcome
  return { result: 'refused', reason: `given up after ${giveUpMs / 3_600_000} h: ${outcome.reason}` }
}
