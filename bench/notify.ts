import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { heapArguments } from '../local/cloud/lambda/memory.ts'
import { type BenchDatabase, benchDatabase } from './database.ts'
import type { Group, Peer } from './measure.ts'
import type { NotifierBenchRun } from './notifier-process.ts'

const run = promisify(execFile)

const PRODUCTS = 1_000
/** Of the last 90 days, one each six hours. */
const PRICES = 360
const ALERTS = 1_000

/** Of all pending alerts so many are told that the memory has reached what it reaches. */
const SECONDS = { rate: 3_600, memory: 45 }

/** The memory of the notifier in the size dev, by which Lambda divides Node's heap. */
const MEMORY_MB = 256

/** Alerts from the table to a service that does nothing: gathered, read, written as a mail, stored, sent and marked. */
export const notifyBenches = (serverUrl: string): Promise<Group> =>
  benches(serverUrl, 'notify', (peer) => [
    {
      group: 'notify',
      name: 'alerts told',
      what: 'alerts a second, each a message of its own, from pending to marked; the process’s start is not counted',
      input: `${ALERTS} users with an alert each, of ${PRODUCTS} products with ${PRICES} prices`,
      unit: 'alerts/s',
      peers: [
        peer('without a letter', ALERTS, 'plain', 'rate'),
        peer('as mails with a chart', ALERTS, 'mail', 'rate'),
      ],
    },
  ])

/** Whether memory grows with the number of alerts that are pending. */
export const notifyMemoryBenches = (serverUrl: string): Promise<Group> =>
  benches(serverUrl, 'notify-memory', (peer) => [
    {
      group: 'notify-memory',
      name: 'resident memory',
      what: 'megabytes that the process had at most',
      input: `heap as Lambda divides ${MEMORY_MB} MB; a user for each alert; all are gathered, and told for ${SECONDS.memory} s`,
      unit: 'MB',
      peers: [
        peer('10,000 pending alerts', 10_000, 'mail', 'memory'),
        peer('100,000 pending alerts', 100_000, 'mail', 'memory'),
      ],
    },
  ])

type MakePeer = (name: string, alerts: number, letters: 'plain' | 'mail', figure: 'rate' | 'memory') => Peer

async function benches(
  serverUrl: string,
  name: string,
  of: (peer: MakePeer) => Group['benches'],
): Promise<Group> {
  const database = await benchDatabase(serverUrl, `bench_${name.replace('-', '_')}`, PRODUCTS)
  await addHistory(database)
  const directory = await mkdtemp(join(tmpdir(), 'keeper-bench-'))
  const bundle = join(directory, 'notifier.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'notifier-process.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    external: ['pg-native'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  })
  const peer: MakePeer = (peerName, alerts, letters, figure) => ({
    name: peerName,
    run: async () => {
      await raise(database, alerts)
      const { stdout } = await run(
        process.execPath,
        [...heapArguments(MEMORY_MB), bundle, database.url, letters, String(SECONDS[figure])],
        { env: process.env },
      )
      const { gathered, sent, ms, peakMegabytes }: NotifierBenchRun = JSON.parse(stdout)
      if (gathered !== alerts || (figure === 'rate' && sent !== alerts)) {
        throw new Error(`of ${alerts} alerts ${gathered} were gathered and ${sent} told`)
      }
      // Megabytes, in the place of a rate.
      return figure === 'rate' ? { units: alerts, ms } : { units: peakMegabytes, ms: 1_000 }
    },
  })
  return {
    benches: of(peer),
    close: async () => {
      await database.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const addHistory = ({ client }: BenchDatabase) =>
  client.query(
    `insert into price_history (product_id, recorded_at, source, price, topic, partition, "offset")
     select product.id, now() - n * interval '6 hours', 'kafka_prices', 20 + (n * 7 + product.id) % 50, 'bench', 0, n
     from watched_products as product, generate_series(1, ${PRICES}) as n`,
  )

/** Users with one alert each, which may be told at once. */
async function raise({ client }: BenchDatabase, alerts: number): Promise<void> {
  await client.query('truncate users cascade')
  // Before the watches, so that their trigger raises no alert.
  await client.query('update watched_products set current_price = null, price_at = null')
  await client.query("insert into users (email) select n || '@bench' from generate_series(1, $1) as n", [
    alerts,
  ])
  await client.query(
    `insert into watches (user_id, product_id, target_price, status)
     select person.id, product.id, 20, 'ACTIVE'
     from (select id, row_number() over (order by id) % ${PRODUCTS} as n from users) as person
     join (select id, row_number() over (order by id) % ${PRODUCTS} as n from watched_products) as product using (n)`,
  )
  await client.query('update watched_products set current_price = 15, previous_price = 30, price_at = now()')
  await client.query(
    `insert into price_alerts (watch_id, triggered_price, target_price, previous_price, triggered_at, raised_at)
     select id, 15, 20, 30, now(), now() - interval '5 minutes' from watches`,
  )
  await client.query('vacuum (analyze)')
}
