import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import type { LocalMail } from '../../client/local-mail.ts'
import type { CatalogueEntry } from '../../local/market/catalogue.ts'
import { type Market, startMarket } from '../../local/market/market.ts'
import { priceInSlot } from '../../local/market/prices.ts'
import { type RunState, readState } from '../../local/run-state.ts'
import { startBrowser } from '../console/browser.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type OwnBroker, ownBroker } from '../helpers/own-broker.ts'
import { until } from './until.ts'

/** From a price at the market to a mail and back: one `npm run local`, with a market whose time the test sets. */

const ROOT = join(import.meta.dirname, '..', '..')
const MINUTE_MS = 60_000

let broker: OwnBroker
let database: FreshDatabase
let market: Market
let nowMs: number
let directory: string
let browser: Browser
let local: ChildProcess
let state: RunState
let output = ''

beforeAll(async () => {
  ;[broker, database] = await Promise.all([ownBroker(), freshDatabase()])
  nowMs = Date.now()
  market = await startMarket({ now: () => nowMs })
  directory = await mkdtemp(join(tmpdir(), 'keeper-mail-'))
  const args = ['--state', directory, '--engine', 'external', '--no-schedules']
  local = spawn(process.execPath, [join(ROOT, 'local', 'run.ts'), ...args], {
    env: {
      ...process.env,
      KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
      DATABASE_URL: database.url,
      KEEPA_API_KEY: 'of-the-test',
      KEEPA_BASE_URL: market.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [local.stdout, local.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk
    })
  }
  const over = once(local, 'close').then(([code]) => {
    throw new Error(`The run ended with ${code}:\n${output}`)
  })
  const started = until(() => readState(join(directory, 'run.json')), 90_000)
  ;[state, browser] = await Promise.all([Promise.race([started, over]), startBrowser()])
  for (const user of ['ada@example.com', 'bob@example.com']) await keeper('users', 'add', user)
}, 120_000)

afterAll(async () => {
  await browser?.close()
  local?.kill('SIGINT')
  if (local?.exitCode === null) await once(local, 'close').catch(() => undefined)
  await market?.close()
  await rm(directory, { recursive: true, force: true })
  await database?.drop()
  await broker?.giveBack()
}, 60_000)

async function keeper(...args: string[]): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'cli', 'keeper.js'), '--state', directory, '--yes', ...args],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`keeper ${args.join(' ')}: ${said}`)
}

/** Runs a function as its schedule does, and waits for its end. */
async function runNow(name: string): Promise<void> {
  const answered = await fetch(`${state.lambdaUrl}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    body: '{}',
  })
  const text = await answered.text()
  if (answered.headers.has('x-amz-function-error')) throw new Error(`${name}: ${text}`)
}

/** The market's time moves on, and its price reaches the tables. */
async function atSlot(entry: CatalogueEntry, slot: number): Promise<void> {
  nowMs = slot * MINUTE_MS
  await runNow('price-check')
  const price = (priceInSlot(entry, slot) / 100).toFixed(2)
  await until(async () => {
    const { rows } = await database.pool.query<{ price: string }>(
      'select current_price as price from watched_products where asin = $1',
      [entry.asin],
    )
    return rows[0]?.price === price
  })
}

async function mails(to = 'ada@example.com'): Promise<readonly LocalMail[]> {
  const folder = join(directory, 'mail')
  const files = await readdir(folder).catch(() => [] as string[])
  const texts = files
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => readFile(join(folder, file), 'utf8'))
  return (await Promise.all(texts))
    .map((text) => JSON.parse(text) as LocalMail)
    .filter((mail) => mail.to.includes(to))
}

/** Of what is Ada's. */
const statusOf = async (table: 'watches' | 'price_alerts'): Promise<string[]> => {
  const { rows } = await database.pool.query<{ status: string }>(
    `select ${table}.status from users join watches on watches.user_id = users.id ${
      table === 'watches' ? '' : 'join price_alerts on price_alerts.watch_id = watches.id'
    } where email = 'ada@example.com' order by ${table}.id`,
  )
  return rows.map(({ status }) => status)
}

/** How many prices of the past the product has, of years in which it was cheaper and dearer. */
async function imported({ asin }: CatalogueEntry): Promise<number> {
  const { rows } = await database.pool.query<{ prices: number }>(
    `select count(*)::integer as prices from price_history join watched_products as product on product.id = product_id
     where asin = $1 and time_flag = 'history' and recorded_at < now() - interval '30 days'`,
    [asin],
  )
  return rows[0]?.prices ?? 0
}

/** Three times of the last hours, each with a lower price than the one before, and a target between the first two. */
function falls(entry: CatalogueEntry) {
  const newest = Math.floor(Date.now() / MINUTE_MS)
  const slots = Array.from({ length: 480 }, (_, index) => newest - 480 + index)
  const lowerBy = (slot: number, share: number) =>
    slots.find((later) => later > slot && priceInSlot(entry, later) < priceInSlot(entry, slot) * share)
  for (const first of slots) {
    const second = lowerBy(first, 0.95)
    const third = second && lowerBy(second, 0.99)
    if (second && third) {
      const target = (priceInSlot(entry, second) / 100).toFixed(2)
      return { slots: [first, second, third] as const, target }
    }
  }
  throw new Error('The market has no such falls.')
}

/** A tab of the console's session. */
async function consolePage(): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  await page.goto(state.consoleUrl ?? '')
  return page
}

test('a watch is added by its address, its chart shows the history, its price falls, the mark appears, one mail comes, its link pauses the watch, and the next fall is silent', async () => {
  const entry = market.catalogue.entries.find(({ asin }) => asin === 'B07W6JN8V8')
  if (!entry) throw new Error('The market lacks its example.')
  const { slots, target } = falls(entry)
  const [high, low, lower] = slots

  nowMs = high * MINUTE_MS
  const page = await consolePage()
  await page.getByRole('link', { name: 'Watches' }).click()
  await page.getByLabel('Address or ASIN').fill(`https://www.amazon.de/Logitech/dp/${entry.asin}/ref=x?th=1`)
  await page.getByLabel('Target').fill(target)
  await page.getByLabel('For').selectOption('ada@example.com')
  await page.getByRole('button', { name: 'Watch', exact: true }).click()
  await page.getByText('is watched.').waitFor()
  await page.getByRole('link', { name: entry.asin }).first().click()
  await until(async () => (await imported(entry)) > 50)
  await atSlot(entry, high)
  await page.getByText('all', { exact: true }).click()
  await page.getByRole('img', { name: /^Prices of .*all of them: .*Lowest €.*; 0 alerts/ }).waitFor()
  expect(await page.getByRole('img', { name: /^Alert/ }).count()).toBe(0)
  await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }))
  await runNow('notifier')
  expect([await mails(), await statusOf('price_alerts')]).toEqual([[], []])

  await atSlot(entry, low)
  await page.getByRole('img', { name: `Alert pending: €${target}, target €${target}` }).waitFor()
  expect(await page.evaluate(() => 'isSamePage' in globalThis)).toBe(true)
  await runNow('notifier')
  await runNow('notifier')
  const [mail, ...others] = await mails()
  expect(others).toEqual([])
  expect(mail?.to).toEqual(['ada@example.com'])
  expect(mail?.subject).toMatch(/^€[\d.]+ \(-[\d.]+%\): Logitech K380/)
  expect(mail?.headers).toMatchObject({ 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' })
  expect(await statusOf('price_alerts')).toEqual(['SENT'])
  await page.getByRole('link', { name: 'Inbox' }).click()
  await page.getByRole('link', { name: mail?.subject ?? '' }).waitFor()
  await page.context().close()

  expect(state.linksUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  const [, pause = ''] = /Pause this watch: (\S+)/.exec(mail?.text ?? '') ?? []
  expect(pause.startsWith(String(state.linksUrl))).toBe(true)
  const linkPage = await fetch(pause)
  expect([linkPage.status, await linkPage.text()]).toEqual([200, expect.stringContaining('Pause this watch')])
  expect(await statusOf('watches')).toEqual(['ACTIVE'])
  const paused = await fetch(pause, { method: 'POST', body: new URLSearchParams({ do: 'leave' }) })
  expect([paused.status, await paused.text()]).toEqual([200, expect.stringContaining('Resume this watch')])
  expect(await statusOf('watches')).toEqual(['PAUSED'])

  await atSlot(entry, lower)
  await runNow('notifier')
  expect(await mails()).toHaveLength(1)
  expect(await statusOf('price_alerts')).toEqual(['SENT'])
}, 120_000)

test('a watch whose price is low enough already is told once its history is there, without waiting for the schedule', async () => {
  const entry = market.catalogue.entries.findLast(
    ({ domain, offer }) => domain === 'de' && offer === 'amazon',
  )
  if (!entry) throw new Error('Nothing is for sale.')
  const user = 'bob@example.com'
  // The first run ever mails no alert that was there before it.
  await runNow('notifier')
  await keeper('watches', 'add', entry.asin, '--domain', 'de', '--target', '99999', '--user', user)
  const told = await until(async () => {
    const mine = await mails(user)
    return mine.length > 0 && mine
  })
  expect(told.map(({ subject }) => subject)).toEqual([expect.stringContaining(entry.title.slice(0, 10))])
}, 60_000)
