import pg from 'pg'
import { runNotifier } from '../../lambdas/notifier/run-notifier.ts'
import { recordingSenders, renderPlain } from './recording-senders.ts'

/**
 * A notifier in a process of its own, which ends itself as a crash does (SIGKILL):
 * `node notifier-process.ts <database> <service> <before|after|never> <n>`: before the nth request is sent, or after the
 * nth was answered and before that is marked.
 */
const [databaseUrl = '', serviceUrl = '', when = 'never', nth = '1'] = process.argv.slice(2)

let count = 0
const dieAt = (moment: string) => {
  if (moment !== when) return
  count += 1
  if (count === Number(nth)) process.kill(process.pid, 'SIGKILL')
}
const senders = recordingSenders(serviceUrl, async (send) => {
  dieAt('before')
  const outcome = await send()
  dieAt('after')
  return outcome
})
const silent = () => undefined
const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, options: '-c role=keeper_notifier' })
const report = await runNotifier({
  pool,
  senders,
  render: renderPlain,
  linksFor: () => ({ pauseWatch: () => null, leaveKind: null }),
  settings: {
    collectMs: 1,
    mostPerUser: 20,
    mostPerWatch: 3,
    sendsPerSecond: 300,
    staleMs: 172_800_000,
    leaseMs: 3_000,
    giveUpMs: 86_400_000,
    databaseInstance: '',
  },
  log: { info: silent, warn: silent, error: silent },
  claimUntilMs: Date.now() + 60_000,
  deadlineMs: Date.now() + 80_000,
})
console.log(JSON.stringify(report))
await pool.end()
