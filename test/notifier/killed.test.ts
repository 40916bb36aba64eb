import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { until } from '../local/until.ts'
import { type Notifying, notifying } from './notifying.ts'

const PROCESS = join(import.meta.dirname, 'notifier-process.ts')
/** ALERTS=1000 takes as many as docs/decisions/telling-people.md tells of; every run takes fewer, and kills as often as they allow. */
const ALERTS = Number(process.env.ALERTS ?? 200)
const KILLS = 10

let notifier: Notifying
beforeEach(async () => {
  notifier = await notifying()
})
afterEach(() => notifier.close())

/** As many users with an alert each that is due. */
const raiseAll = () =>
  notifier.query(
    `with person as (
       insert into users (email) select 'person-' || n || '@test' from generate_series(1, ${ALERTS}) as n returning id
     ),
     product as (
       insert into watched_products (asin, domain, title, currency, current_price, price_at)
       select 'B' || lpad(n::text, 9, '0'), 'de', 'Keyboard', 'EUR', 40, now() from generate_series(1, 50) as n
       returning id
     )
     insert into watches (user_id, product_id, target_price, status)
     select person.id, product.id, 45, 'ACTIVE'
     from (select id, row_number() over () % 50 as n from person) as person
     join (select id, row_number() over () % 50 as n from product) as product using (n)`,
  )

interface End {
  readonly signal: string | null
}

/** One run of the notifier in a process of its own, that ends by itself or is killed. */
function runProcess(when: string, nth = 1): { readonly ended: Promise<End>; kill(): void } {
  const child = spawn(process.execPath, [PROCESS, notifier.url, notifier.service.url, when, String(nth)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise<End>((resolve) => child.once('exit', (_code, signal) => resolve({ signal })))
  return { ended, kill: () => child.kill('SIGKILL') }
}

/** Messages of which nobody knows whether they were sent: what was in flight when a process died. */
const inFlight = async () =>
  (
    await notifier.query<{ id: string }>(
      "select message_id as id from deliveries where status = 'SENDING' and at > $1 order by id",
      [since],
    )
  ).map(({ id }) => id)
let since = new Date(0)

type Killing = (round: number) => Promise<End>
const MOMENTS: readonly (readonly [name: string, killing: Killing])[] = [
  ['between claim and send', (round) => runProcess('before', 5 + 13 * round).ended],
  ['between send and mark', (round) => runProcess('after', 3 + 11 * round).ended],
  [
    'at any moment',
    async () => {
      const { ended, kill } = runProcess('never')
      const before = notifier.service.requests.length
      let isOver = false
      void ended.then(() => {
        isOver = true
      })
      // One that finds nothing left ends by itself.
      while (!isOver && notifier.service.requests.length === before) await sleep(1)
      await sleep(Math.random() * 120)
      kill()
      return ended
    },
  ],
]

test.each(MOMENTS)(
  'requirement 7: killed %s, of hundreds of alerts none is lost, and none is sent twice but what was in flight',
  async (name, killing) => {
    since = new Date(0)
    await raiseAll()
    /** How often each message was in flight at a kill. */
    const mayRepeat = new Map<string, number>()
    let kills = 0
    let flights = 0
    for (let round = 0; round < KILLS; round += 1) {
      const { signal } = await killing(round)
      if (signal !== 'SIGKILL') break
      kills += 1
      const flying = await inFlight()
      const [now] = await notifier.query<{ now: Date }>('select now()')
      since = now?.now ?? since
      flights += flying.length
      for (const id of flying) mayRepeat.set(id, (mayRepeat.get(id) ?? 0) + 1)
    }
    const pending = async () =>
      (await notifier.query("select from price_alerts where status <> 'SENT'")).length
    // What was put off after a failure is not waited for.
    const later = "update messages set due_at = now() where status = 'PENDING'"
    await until(async () => {
      await runProcess('never').ended
      await notifier.query(later)
      return (await pending()) === 0
    })

    const sends = Map.groupBy(notifier.service.requests, ({ id }) => id)
    const twice = [...sends].filter(([, requests]) => requests.length > 1)
    const extra = twice.reduce((sum, [, requests]) => sum + requests.length - 1, 0)
    console.log(
      `killed ${name}: ${kills} kills, ${ALERTS} alerts, lost ${ALERTS - sends.size}, sent again ${extra}, in flight at the kills ${flights}`,
    )
    expect(kills).toBeGreaterThan(2)
    expect(sends.size).toBe(ALERTS)
    expect(await pending()).toBe(0)
    for (const [id, requests] of twice) {
      expect([id, requests.length - 1 <= (mayRepeat.get(id) ?? 0)]).toEqual([id, true])
      // The same bytes each time.
      expect(new Set(requests.map(({ body }) => body)).size).toBe(1)
    }
  },
)
