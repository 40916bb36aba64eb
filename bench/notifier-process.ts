import { renderMessage } from '../lambdas/core/mail/render.ts'
import { createPool } from '../lambdas/core/postgres/pool.ts'
import type { ChannelKind, Sender, Senders } from '../lambdas/notifier/channels/channel.ts'
import { createEmailSender } from '../lambdas/notifier/channels/email.ts'
import type { NotifierDependencies } from '../lambdas/notifier/dependencies.ts'
import { runNotifier } from '../lambdas/notifier/run-notifier.ts'
import { settingsIn } from '../lambdas/notifier/settings.ts'
import { peakKibibytes } from '../local/cloud/lambda/runtime/peak-memory.ts'
import { timed } from './measure.ts'

/**
 * One run of the notifier in a process of its own: `node <bundle> <database> <plain|mail> <seconds>`. Prints a NotifierBenchRun. It
 * is bundled first, because Node reads no TSX.
 */
export interface NotifierBenchRun {
  readonly gathered: number
  readonly sent: number
  readonly ms: number
  /** The most memory that the process had at any time: its resident set. */
  readonly peakMegabytes: number
}

const [databaseUrl = '', letters = 'mail', seconds = '3600'] = process.argv.slice(2)
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const pool = createPool({
  DATABASE_URL: databaseUrl,
  DATABASE_AUTHENTICATION: 'password',
  KEEPER_FUNCTION: 'bench',
})

const plain: NotifierDependencies['render'] = (message) => ({
  subject: message.kind,
  html: '',
  text: JSON.stringify(message).slice(0, 500),
  attachments: [],
  summary: message.kind,
  url: null,
})
/** The e-mail's request, handed over to a service that does nothing. */
const email: Sender = createEmailSender(
  { send: async () => 'bench' },
  { from: 'bench@test', configurationSet: null },
)
const kinds: readonly ChannelKind[] = ['email', 'webhook', 'ntfy', 'slack', 'discord', 'telegram']
const senders = Object.fromEntries(kinds.map((kind) => [kind, email])) as unknown as Senders

const untilMs = Date.now() + Number(seconds) * 1_000
let gathered = 0
let sent = 0
const ms = await timed(async () => {
  const report = await runNotifier({
    pool,
    senders,
    render: letters === 'plain' ? plain : renderMessage,
    linksFor: () => ({ pauseWatch: () => null, leaveKind: null }),
    settings: { ...settingsIn({}), sendsPerSecond: 1_000_000 },
    log: silent,
    claimUntilMs: untilMs,
    deadlineMs: untilMs + 60_000,
  })
  gathered = report.alertsGathered
  sent = report.deliveriesSent
})
const run: NotifierBenchRun = { gathered, sent, ms, peakMegabytes: (peakKibibytes() * 1_024) / 1_000_000 }
console.log(JSON.stringify(run))
await pool.end()
process.exit()
