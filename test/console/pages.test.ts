import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { readState } from '../../local/run-state.ts'
import { type LocalKeeper, localKeeper } from '../cli/local-keeper.ts'
import { dealEvent } from '../helpers/msk-events.ts'
import { until } from '../local/until.ts'
import { barriers, startBrowser } from './browser.ts'

/** The pages in a real browser, of one `npm run local`. */

const ASIN = 'B07W6JN8V8'

let local: LocalKeeper
let browser: Browser
let consoleUrl: string

beforeAll(async () => {
  ;[local, browser] = await Promise.all([localKeeper(), startBrowser()])
  consoleUrl = (await readState(join(local.directory, 'run.json')))?.consoleUrl ?? ''
  await local.keeper('users', 'add', 'ada@example.com')
  const deal = dealEvent({ asin: 'B000000003', timestamp: new Date(Date.now() - 60_000).toISOString() })
  await local.kafka.produce('deal-updates', [{ value: JSON.stringify(deal), partition: 0 }, { value: '{' }])
  await until(async () => (await local.json('rejected', 'list')).length === 1)
}, 180_000)

afterAll(async () => {
  await browser?.close()
  await local?.close()
}, 60_000)

/** A tab of a session, and what went wrong in it: errors, and whatever the policy refused. */
async function tab(width = 1_200) {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width, height: 800 },
  })
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(message.text())
  })
  page.on('pageerror', ({ message }) => wrong.push(message))
  page.on('request', (request) => {
    if (!/^(http:\/\/127\.0\.0\.1|data:)/.test(request.url())) wrong.push(`asked ${request.url()}`)
  })
  await page.goto(consoleUrl)
  const open = async (path: string) => {
    await page.goto(new URL(path, consoleUrl).href)
    await page.locator('h1').waitFor()
    await until(async () => (await page.locator('.loading').count()) === 0)
  }
  return { page, wrong, open, close: () => context.close() }
}

test('a watch is added by pasting an address, and its chart has years of history', async () => {
  const { page, wrong, open, close } = await tab()
  await open('/watches')
  await page.getByLabel('Address or ASIN').fill(`https://www.amazon.de/Logitech/dp/${ASIN}/ref=x?th=1`)
  await page.getByLabel('Target').fill('1000')
  await page.getByRole('button', { name: 'Watch', exact: true }).click()
  await page.getByText('is watched.').waitFor()
  await until(async () => (await local.json('prices', ASIN, '--domain', 'de', '--days', '1000')).prices > 100)

  await page.getByRole('link', { name: ASIN }).first().click()
  await page.getByText('all', { exact: true }).click()
  const chart = page.getByRole('img', { name: /^Prices of .*Lowest €.*Arrow keys read them/ })
  await chart.waitFor()
  await chart.focus()
  await page.keyboard.press('ArrowLeft')
  expect(await chart.locator('output').textContent()).toMatch(/^20\d\d-\d\d-\d\d .*: €\d/)

  await page.getByText('as a table').click()
  await page.getByRole('table', { name: 'Prices' }).waitFor()
  expect(await page.locator('tbody tr').count()).toBeGreaterThan(10)
  expect(wrong).toEqual([])
  await close()
}, 120_000)

test.each([
  ...['/', '/watches', '/alerts', '/deals', '/topics', '/topics/deal-updates', '/groups', '/rejected'],
  ...[
    '/schedules',
    '/functions/deal-consumer',
    '/alarms',
    '/nowhere',
    '/inbox',
    '/dashboards/price-consumer',
  ],
])(
  '%s opens without an error or a refused policy, and without a barrier in light and in dark',
  async (path) => {
    const { page, wrong, open, close } = await tab()
    await open(path)
    const light = await barriers(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    expect([light, await barriers(page)]).toEqual([[], []])
    expect(wrong).toEqual([])
    await close()
  },
)

test('a page fits a telephone: nothing but a table scrolls sideways', async () => {
  const { page, open, close } = await tab(360)
  for (const path of ['/', '/watches', '/topics/deal-updates', '/alarms']) {
    await open(path)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  }
  await close()
})

test('a message leads from its topic to its bytes, and has an address of its own', async () => {
  const { page, open, close } = await tab()
  await open('/topics/deal-updates')
  await page.getByRole('button', { name: '0:0', exact: true }).click()
  await page.getByText('"asin": "B000000003"').waitFor()
  await page.getByRole('radio', { name: 'hex' }).check({ force: true })
  await page.getByText(/^00000000 {2}7b 22/).waitFor()
  await page.getByRole('link', { name: '0:0', exact: true }).click()
  await page.getByText('1 messages').waitFor()
  await close()
})

test('what is live appears without a reload', async () => {
  const { page, open, close } = await tab()
  await open('/topics')
  const row = page.getByRole('row', { name: /^price-updates/ })
  const before = Number((await row.locator('td').last().textContent())?.replaceAll(/\D/g, ''))
  await local.kafka.produce('price-updates', [{ value: '{' }])
  await until(
    async () => Number((await row.locator('td').last().textContent())?.replaceAll(/\D/g, '')) > before,
  )
  await close()
})

test('a tab without the session says how to get one, and asks for nothing', async () => {
  const page = await browser.newPage()
  await page.goto(new URL('/watches', consoleUrl).href)
  await page.getByText('Open the address that the terminal shows').waitFor()
  await page.close()
})

test('a part that fails says why, and offers to try again', async () => {
  const { page, open, close } = await tab()
  await open('/topics/there-is-none')
  expect(await page.getByRole('alert').first().textContent()).toContain('There is no topic there-is-none')
  await page.getByRole('button', { name: 'Try again' }).first().waitFor()
  await close()
})
