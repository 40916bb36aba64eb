import type { Pool } from 'pg'
import type { Logger } from '../core/logger.ts'
import type { Message, MessageKind, MessageLinks, Reader, RenderedMessage } from '../core/mail/message.ts'
import type { Senders } from './channels/channel.ts'
import type { NotifierSettings } from './settings.ts'

/** What a run of the notifier works with. */
export interface NotifierDependencies {
  readonly pool: Pool
  readonly senders: Senders
  readonly render: (message: Message, reader: Reader, links: MessageLinks) => RenderedMessage
  /** The public pages for one person; all null where there are none. */
  readonly linksFor: (userId: string, kind: MessageKind) => MessageLinks
  readonly settings: NotifierSettings
  readonly log: Logger
  /** Milliseconds since 1970 from which on nothing new is begun, and by which the run must end. */
  readonly claimUntilMs: number
  readonly deadlineMs: number
}

/** What a run has done so far. */
export interface NotifierReport {
  /** Alerts that were put into a message. */
  alertsGathered: number
  /** Daily reports, and notices of watches that cannot fire, that were put into messages. */
  reportsGathered: number
  noticesGathered: number
  /** Alerts that were not told because what they would have said was not so any more. */
  alertsSuperseded: number
  /** Attempts that a channel took, and those that it did not. */
  deliveriesSent: number
  deliveriesFailed: number
  /** Messages that no channel will take. */
  messagesFailed: number
  /** Why nothing can be sent to anyone; null if sending works. */
  stopped: string | null
}

/** A run: what it works with, and what it has done. */
export interface NotifierRun extends NotifierDependencies {
  readonly report: NotifierReport
}
