import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownDir } from '../helpers/stoppable.ts'
import { until } from '../local/until.ts'
import { WAITING, wrongDeliveries, wrongRows } from './checks.ts'
import { startEngines } from './engines.ts'
import { allFaults } from './faults.ts'
import { type LocalRun, localRun } from './local-run.ts'
import { nemesis } from './nemesis.ts'
import { addPeople } from './people.ts'
import { startProducers } from './producers.ts'
import { openReceiver } from './receiver.ts'
import { settled, storedIds } from './stored.ts'

/** What a soak found. */
export interface SoakReport {
  readonly seed: number
  /** What must not be, and is. */
  readonly violations: readonly string[]
  readonly figures: Readonly<Record<string, number>>
  /** When which fault came. */
  readonly history: readonly string[]
}

/** How long all may take to be stored and told once nothing fails any more. */
const SETTLE_MS = 240_000

/**
 * Sends uniquely numbered prices to a whole Keeper while its parts fail, and then compares what was acknowledged with what
 * the tables have, and alerts with what people were told. In the manner of Jepsen (https://jepsen.io/analyses).
 * @param tell told each fault when it comes
 */
export async function soak(
  { seconds, seed }: { readonly seconds: number; readonly seed: number },
  tell: (line: string) => void = () => undefined,
): Promise<SoakReport> {
  const directory = join(await ownDir('soak'), 'state')
  const [engines, receiver] = await Promise.all([startEngines(), openReceiver()])
  const run = localRun(engines, directory)
  try {
    await run.start()
    await addPeople(engines, receiver.url)
    const producers = startProducers(engines)
    const notifying = keepNotifying(run)
    const { reign, history, counts } = nemesis(allFaults({ engines, run, producers, receiver }), seed, tell)
    await reign(Date.now() + seconds * 1_000)
    await producers.stop()
    const lost = await settled(engines, producers, SETTLE_MS)
    await notifying.stop()
    await untilTold(run, engines)

    const ids = await storedIds(engines)
    const neverSent = ids.filter((id) => !producers.sent.has(id))
    const twice = ids.length - new Set(ids).size
    const [told] = await engines.query<Record<string, string>>(TOLD)
    return {
      ...{ seed, history },
      violations: [
        ...some(lost.length, `acknowledged and not stored, such as ${lost[0]}`),
        ...some(twice, 'stored twice'),
        ...some(neverSent.length, `stored and never sent, such as ${neverSent[0]}`),
        ...(await wrongRows(engines)),
        ...(await wrongDeliveries(engines, receiver, directory)),
        ...run.unexpected,
      ],
      figures: {
        ...{ seconds, sent: producers.sent.size, acknowledged: producers.acknowledged.size },
        ...{ stored: ids.length, lost: lost.length, twice },
        ...Object.fromEntries(Object.entries(told ?? {}).map(([name, count]) => [name, Number(count)])),
        faults: [...counts.values()].reduce((total, count) => total + count, 0),
        'kinds of faults': counts.size,
      },
    }
  } finally {
    await run.end('SIGKILL')
    await receiver.close()
    await engines.close()
  }
}

const some = (count: number, what: string): readonly string[] => (count > 0 ? [`${count} ${what}`] : [])

const TOLD = `
select (select count(*) from rejected_records) as rejected,
  (select count(*) from rejected_records where redriven_at is not null) as redriven,
  (select count(*) from price_alerts) as alerts,
  (select count(*) from price_alerts where status = 'SENT') as "alerts sent",
  (select count(*) from price_alerts where status = 'SUPERSEDED') as "alerts superseded",
  (select count(*) from messages where status = 'SENT') as messages,
  (select count(*) from deliveries) as attempts`

/** Runs the notifier again and again, as its schedule does; a run that fails is followed by another. */
function keepNotifying(run: LocalRun): { stop(): Promise<void> } {
  let isOver = false
  const going = (async () => {
    while (!isOver) {
      await run.invoke('notifier', 30_000).catch(() => undefined)
      await sleep(2_000)
    }
  })()
  return {
    stop: () => {
      isOver = true
      return going
    },
  }
}

/** Runs the notifier until it has nothing left to say; what was put off after a failure is not waited for. */
async function untilTold(run: LocalRun, { query }: Awaited<ReturnType<typeof startEngines>>): Promise<void> {
  const isLeft = `select id from messages where status = 'PENDING' union all ${WAITING}`
  await until(async () => {
    await query("update messages set due_at = now() where status = 'PENDING'")
    await run.invoke('notifier', 90_000).catch(() => undefined)
    return (await query(isLeft)).length === 0
  }, SETTLE_MS).catch(() => undefined)
}
