import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium, type Page } from 'playwright-core'
import * as ENVIRONMENT from '../lambdas/core/environment-names.ts'
import { readState } from '../local/run-state.ts'
import { type BenchDatabase, benchDatabase } from './database.ts'
import { startBenchEngines } from './engines.ts'
import { asinOf } from './input.ts'

/**
 * `node bench/console.ts [opening] [chart] [watches] [memory] [--minutes 60]`: what a person waits for in the console, in a
 * real browser, with 100,000 watches and a product of 100,000 prices; and the memory of its server while live pages are
 * open. Prints figures, a line of JSON each.
 */

const ROOT = join(import.meta.dirname, '..')
const PRICES = 100_000
const LONG = asinOf(1)
const MAX_WAIT_MS = 120_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '1' } },
})
const isWanted = (part: string) => positionals.length === 0 || positionals.includes(part)
const say = (line: string) => void process.stderr.write(`${line}\n`)

const engine = await startBenchEngines(say)
const directory = await mkdtemp(join(tmpdir(), 'keeper-bench-'))
const database = await benchDatabase(engine.databaseUrl, 'bench_console')
let local: ChildProcess | undefined
let browser: Browser | undefined
try {
  await fill(database)
  local = spawn(
    process.execPath,
    [join(ROOT, 'local', 'run.ts'), '--state', directory, '--engine', 'external', '--no-schedules'],
    {
      env: {
        ...process.env,
        [ENVIRONMENT.databaseUrl]: database.url,
        [ENVIRONMENT.bootstrapServers]: engine.bootstrapServers,
      },
      stdio: 'ignore',
    },
  )
  const consoleUrl = await consoleOf(join(directory, 'run.json'))
  const served = spawn(process.execPath, [
    ...[join(ROOT, 'cli', 'keeper.js'), '--state', directory, 'console', '--port', String(await freePort())],
  ])
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? (await sparticuz.executablePath()),
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    const alone = await addressIn(served)
    if (isWanted('opening')) await firstPaint(browser, consoleUrl)
    if (isWanted('chart')) await chart(browser, consoleUrl)
    if (isWanted('watches')) await watches(browser, consoleUrl)
    if (isWanted('memory')) await memory(browser, alone, served.pid ?? 0, Number(values.minutes))
  } finally {
    served.kill('SIGINT')
  }
} finally {
  await browser?.close()
  if (local) {
    local.kill('SIGINT')
    if (local.exitCode === null) await once(local, 'close')
  }
  await database.drop()
  await engine.stop()
  await rm(directory, { recursive: true, force: true })
}

/** One product has a price every hour and more, for years. */
async function fill({ client }: BenchDatabase): Promise<void> {
  await client.query(
    `insert into price_history (product_id, recorded_at, source, price, topic, partition, "offset")
     select product.id, date_trunc('second', now()) - n * interval '45 minutes', 'kafka_prices',
       round((50 + 20 * sin(n / 3000.0) + 8 * sin(n / 170.0) + (n * 7919 % 300) / 100.0)::numeric, 2), 'price-updates', 0, n
     from watched_products as product, generate_series(1, ${PRICES}) as n where product.asin = $1`,
    [LONG],
  )
  // The others have a price a day, for their small pictures.
  await client.query(
    `insert into price_history (product_id, recorded_at, source, price, topic, partition, "offset")
     select product.id, date_trunc('second', now()) - day * interval '1 day', 'kafka_prices',
       10 + (product.id * 31 + day * 17) % 90, 'price-updates', 0, day
     from watched_products as product, generate_series(1, 30) as day where product.asin <> $1`,
    [LONG],
  )
  await client.query('update watched_products set current_price = 20, price_at = now()')
  await client.query('vacuum (analyze)')
}

async function consoleOf(stateFile: string): Promise<string> {
  const deadline = Date.now() + MAX_WAIT_MS
  for (;;) {
    const url = (await readState(stateFile))?.consoleUrl
    if (url) return url
    if (Date.now() > deadline) throw new Error('npm run local did not start.')
    await sleep(100)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function addressIn(program: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of program.stdout ?? []) {
    text += chunk
    const [address] = /http:\/\/\S+/.exec(text) ?? []
    if (address) return address
  }
  throw new Error('keeper console ended.')
}

/** A tab of its own session, with nothing cached. */
async function tab(of: Browser, url: string): Promise<Page> {
  const context = await of.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  await page.goto(url)
  return page
}

function report(name: string, figures: Readonly<Record<string, number | string>>): void {
  console.log(JSON.stringify({ name, ...figures }))
}

function ms(value: number): number {
  return Number(value.toFixed(1))
}

/** From the address to the first paint, and until the page's own content can be used. */
async function firstPaint(of: Browser, url: string): Promise<void> {
  for (const [path, ready] of [
    ['/', 'h1'],
    ['/watches', 'tbody a'],
    [`/products/de/${LONG}`, '.u-over'],
  ] as const) {
    const page = await tab(of, url)
    const paints: number[] = []
    const readies: number[] = []
    for (let time = 0; time < 5; time += 1) {
      await page.goto('about:blank')
      await page.goto(new URL(path, url).href)
      await page.locator(ready).first().waitFor()
      readies.push(await page.evaluate(() => performance.now()))
      paints.push(
        await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0),
      )
    }
    report(`opening ${path}`, { firstPaintMs: ms(median(paints)), interactiveMs: ms(median(readies)) })
    await page.context().close()
  }
}

/** Intervals between frames while 100,000 prices are moved and zoomed. */
async function chart(of: Browser, url: string): Promise<void> {
  const page = await tab(of, url)
  await page.goto(new URL(`/products/de/${LONG}`, url).href)
  await page.locator('.u-over').waitFor()
  await page.getByText('all', { exact: true }).click()
  const box = await page.locator('.u-over').boundingBox()
  if (!box) throw new Error('The chart has no place.')
  const middle = { x: box.x + box.width / 2, y: box.y + box.height - 30 }
  const frames = async (name: string, act: () => Promise<void>) => {
    await sleep(500)
    await page.evaluate(() => {
      const state = { times: [] as number[], isOver: false }
      Object.assign(globalThis, { frames: state })
      const step = (time: number) => {
        state.times.push(time)
        if (!state.isOver) requestAnimationFrame(step)
      }
      requestAnimationFrame(step)
    })
    await act()
    const times = await page.evaluate(() => {
      const state = (globalThis as unknown as { frames: { times: number[]; isOver: boolean } }).frames
      state.isOver = true
      return state.times
    })
    const intervals = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    report(name, {
      frames: intervals.length,
      medianMs: ms(median(intervals)),
      p95Ms: ms(at(intervals, 0.95)),
      longestMs: ms(Math.max(...intervals)),
      over33Ms: intervals.filter((interval) => interval > 34).length,
    })
  }
  const drag = async () => {
    for (let turn = 0; turn < 4; turn += 1) {
      await page.mouse.move(middle.x, middle.y)
      await page.mouse.down()
      for (let step = 1; step <= 60; step += 1) {
        await page.mouse.move(middle.x + (turn % 2 === 0 ? 5 : -5) * step, middle.y)
        await sleep(8)
      }
      await page.mouse.up()
    }
  }
  await frames('resting', () => sleep(2_000))
  await page.mouse.move(middle.x, middle.y)
  await page.keyboard.down('Control')
  await frames('zooming from 100,000 points in and out', async () => {
    for (let step = 0; step < 120; step += 1) {
      await page.mouse.wheel(0, step < 60 ? (step % 2 === 0 ? -100 : 100) : step < 90 ? -100 : 100)
      await sleep(16)
    }
  })
  // 80,000 points and more are still in sight.
  await page.mouse.wheel(0, -100)
  await page.keyboard.up('Control')
  await frames('panning, 80,000 points in sight', drag)
  await page.getByText('year', { exact: true }).click()
  await frames('panning, a year in sight', drag)
  await page.context().close()
}

/** What searching and scrolling 100,000 watches takes until the rows are there. */
async function watches(of: Browser, url: string): Promise<void> {
  const page = await tab(of, url)
  await page.goto(new URL('/watches', url).href)
  await page.locator('tbody a').first().waitFor()
  for (const text of ['b', 'B00000', asinOf(4_321), 'two@bench 00zz', 'nothing such']) {
    const search = page.getByRole('searchbox')
    await search.fill('')
    await page.getByText('100,000 in all').waitFor()
    const start = performance.now()
    await search.fill(text)
    await page.getByText(/found$/).waitFor()
    report(`search "${text}"`, {
      ms: ms(performance.now() - start),
      found: (await page.getByText(/found$/).textContent()) ?? '',
    })
  }
  await page.getByRole('searchbox').fill('')
  await page.getByText('100,000 in all').waitFor()
  for (const share of [0.25, 0.5, 0.9, 1]) {
    const start = performance.now()
    await page.locator('.table').evaluate((element, to) => {
      element.scrollTop = to * element.scrollHeight
    }, share)
    await sleep(30)
    await page.waitForFunction(() => !document.querySelector('tbody')?.textContent?.includes('…'))
    report(`scrolling to ${share * 100} %`, { ms: ms(performance.now() - start - 30) })
  }
  await page.context().close()
}

/** Resident memory of the server's process while three live pages are open. */
async function memory(of: Browser, url: string, pid: number, minutes: number): Promise<void> {
  const pages = await Promise.all([url, url, url].map((address) => tab(of, address)))
  const paths = ['/', '/topics', `/products/de/${LONG}`]
  for (const [index, page] of pages.entries()) await page.goto(new URL(paths[index] ?? '/', url).href)
  const megabytes = async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024)
  }
  await sleep(10_000)
  const figures: number[] = [await megabytes()]
  for (let minute = 0; minute < minutes; minute += 1) {
    await sleep(60_000)
    figures.push(await megabytes())
  }
  report('memory of the server', {
    minutes,
    atFirstMB: figures[0] ?? 0,
    most: Math.max(...figures),
    last: figures.at(-1) ?? 0,
  })
}

function at(figures: readonly number[], share: number): number {
  return (
    figures.toSorted((a, b) => a - b)[Math.min(figures.length - 1, Math.floor(figures.length * share))] ?? 0
  )
}

function median(figures: readonly number[]): number {
  return at(figures, 0.5)
}
