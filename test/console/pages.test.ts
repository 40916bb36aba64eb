import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { readState } from '../../local/run-state.ts'
import { type LocalKeeper, localKeeper } from '../cli/local-keeper.ts'
import { dealEvent, priceEvent } from '../helpers/msk-events.ts'
import { until } from '../local/until.ts'
import { barriers, startBrowser } from './browser.ts'

/** The pages in a real browser, of one `npm run local`. */

/** Has a price of each of the last days, the newest below its target. */
const WATCHED = 'B000000004'

let local: LocalKeeper
let browser: Browser
let consoleUrl: string

beforeAll(async () => {
  ;[local, browser] = await Promise.all([localKeeper(), startBrowser()])
  consoleUrl = (await readState(join(local.directory, 'run.json')))?.consoleUrl ?? ''
  await local.database.pool.query(
    `with ada as (insert into users (email) values ('ada@example.com') returning id),
       kettle as (insert into watched_products (asin, domain, title, currency) values ($1, 'de', '', 'EUR') returning id)
     insert into watches (user_id, product_id, target_price, status) select ada.id, kettle.id, 45, 'ACTIVE' from ada, kettle`,
    [WATCHED],
  )
  const prices = [55, 60, 50, 44].map((current_price, day) => ({
    value: JSON.stringify(
      priceEvent({ asin: WATCHED, product_title: 'A kettle', current_price, timestamp: ago(4 - day) }),
    ),
    ...{ key: WATCHED, partition: 0 },
  }))
  await local.kafka.produce('price-updates', prices)
  const deal = dealEvent({ asin: 'B000000003', timestamp: new Date(Date.now() - 60_000).toISOString() })
  await local.kafka.produce('deal-updates', [{ value: JSON.stringify(deal), partition: 0 }, { value: '{' }])
  for (const table of ['rejected_records', 'price_alerts']) {
    await until(async () => (await local.database.pool.query(`select from ${table}`)).rowCount === 1)
  }
}, 180_000)

/** Days ago, as events have it. */
const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19)

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
  // The console's line above names the status alone.
  page.on('response', (response) => {
    if (response.status() >= 400) void response.text().then((body) => wrong.push(body), String)
  })
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

test('a price leads to its record and the record back to its price', async () => {
  const { page, wrong, open, close } = await tab()
  await open(`/products/de/${WATCHED}`)
  const chart = page.getByRole('img', {
    name: /^Prices of A kettle.*Lowest €44.00, Highest €60.00.*1 alert\./,
  })
  await chart.focus()
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowLeft')
  await page.locator('output', { hasText: /^20\d\d-\d\d-\d\d .*: €50.00$/ }).waitFor({ state: 'attached' })
  await page.keyboard.press('Enter')
  const record = page.getByRole('region', { name: 'The record of this price' })
  await record.getByText('€50.00').waitFor()
  await record.getByRole('link', { name: 'price-updates 0:2' }).click()
  await page.getByText('"current_price": 50').waitFor()
  await page.getByRole('link', { name: 'price 50.00' }).click()
  await page.getByRole('region', { name: 'The record of this price' }).getByText('€50.00').waitFor()

  await page.getByText('as a table').click()
  const table = page.getByRole('table', { name: 'Prices' })
  await table.getByRole('row', { name: /€50.00 price-updates 0:2/ }).waitFor()
  expect(await table.locator('tbody td:nth-child(2)').allTextContents()).toEqual([
    '€44.00',
    '€50.00',
    '€60.00',
    '€55.00',
  ])
  expect(wrong).toEqual([])
  await close()
})

test('the target is moved by keys and by dragging, saved where it is dropped, and put back by undoing', async () => {
  const { page, wrong, open, close } = await tab()
  await open(`/products/de/${WATCHED}`)
  const target = page.getByRole('slider', { name: 'Target' })
  const saved = async () => {
    const { rows } = await local.database.pool.query<{ target: string }>(
      `select target_price as target from watches join watched_products as product on product.id = product_id
       where asin = $1`,
      [WATCHED],
    )
    return rows[0]?.target
  }
  await target.focus()
  await page.keyboard.press('ArrowUp')
  expect(await target.getAttribute('aria-valuetext')).toBe('€46.00, Enter saves it')
  await page.keyboard.press('Escape')
  expect(await target.getAttribute('aria-valuetext')).toBe('€45.00')

  const box = await target.boundingBox()
  if (!box) throw new Error('The target is not to be seen.')
  await page.mouse.move(box.x + 50, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + 50, box.y - 40, { steps: 3 })
  await page.mouse.up()
  await page.getByText(/^The target is now/).waitFor()
  await until(async () => Number(await saved()) > 46)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('The target is back at €45.00').waitFor()
  expect(await saved()).toBe('45.00')
  expect(wrong).toEqual([])
  await close()
})

test('/ finds a product with the keyboard alone', async () => {
  const { page, wrong, open, close } = await tab()
  await open('/schedules')
  await page.keyboard.press('/')
  await page.locator('[role=combobox]:focus, input:focus').waitFor()
  await page.keyboard.type(`kettle ${WATCHED}`)
  await page.getByRole('option', { name: /^product A kettle/ }).waitFor()
  expect(await barriers(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'A kettle' }).waitFor()
  expect(wrong).toEqual([])
  await close()
})

test('of the rejected records those that are ticked are sent again, after a count', async () => {
  const rejected = async () =>
    (
      await local.database.pool.query<{ id: string; redriven: boolean }>(
        'select id, redriven_at is not null as redriven from rejected_records order by id',
      )
    ).rows
  const before = (await rejected()).map(({ id }) => id)
  await local.kafka.produce('deal-updates', [{ value: '[', partition: 0 }])
  const added = await until(async () => (await rejected()).find(({ id }) => !before.includes(id)))
  const { page, wrong, open, close } = await tab()
  await open('/rejected')
  let asked = ''
  page.on('dialog', (dialog) => {
    asked = dialog.message()
    void dialog.accept()
  })
  await page.getByRole('checkbox', { name: `Record ${added.id}` }).check()
  await page.getByRole('button', { name: 'Send 1 record again' }).click()
  await until(async () => (await rejected()).find(({ id }) => id === added.id)?.redriven)
  expect(asked).toMatch(/^Send 1 record to its topic again: 1 of deal-updates/)
  expect((await rejected()).filter(({ id, redriven }) => before.includes(id) && redriven)).toEqual([])
  expect(wrong).toEqual([])
  await close()
})

test('watches that a search finds are paused and resumed together', async () => {
  const { page, wrong, open, close } = await tab()
  await open('/watches?q=kettle')
  const row = page.getByRole('row', { name: /A kettle/ })
  await row.getByRole('img', { name: '30 days: from €44.00 to €60.00' }).waitFor()
  await row.getByRole('checkbox').check()
  for (const [action, status] of [
    ['Pause', 'paused'],
    ['Resume', 'active'],
  ] as const) {
    await page.getByRole('button', { name: action }).click()
    await row.getByText(status).waitFor()
  }
  expect(await barriers(page)).toEqual([])
  expect(wrong).toEqual([])
  await close()
})

test.each([
  ...[
    '/',
    `/products/de/${WATCHED}`,
    '/watches',
    '/alerts',
    '/deals',
    '/topics',
    '/topics/deal-updates',
    '/groups',
    '/rejected',
  ],
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
  for (const path of ['/', '/watches', `/products/de/${WATCHED}`, '/topics/deal-updates', '/alarms']) {
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
  await page.getByText('1 message', { exact: true }).waitFor()
  await close()
})

/** What of prices and deals is stored; other tests have records rejected. */
const stored = async () => {
  const { rows } = await local.database.pool.query(
    `select (select count(*) from price_history) as prices, (select count(*) from deals) as deals,
       (select count(*) from price_alerts) as alerts`,
  )
  return rows
}

test('a function is invoked with an event to change: a record that it has read already is stored no second time', async () => {
  const { page, wrong, open, close } = await tab()
  const before = await stored()
  await open('/functions/price-consumer')
  await page.getByText('Invoke with an event').click()
  const event = page.getByRole('textbox', { name: 'Event' })
  await until(async () => (await event.inputValue()).includes('"topic": "price-updates"'))
  await page.getByRole('button', { name: 'Invoke' }).click()
  await page.getByRole('region', { name: 'Answer' }).getByText('batchItemFailures').waitFor()
  expect(await stored()).toEqual(before)
  expect([await barriers(page), wrong]).toEqual([[], []])

  await event.fill('{"records": ')
  await page.getByRole('button', { name: 'Invoke' }).click()
  await page.getByText('The event is not JSON').waitFor()
  expect(await page.getByRole('region', { name: 'Answer' }).count()).toBe(0)
  await close()
})

test('a group reads again from where its preview says, after a question, and the tables stay as they are', async () => {
  const { page, wrong, open, close } = await tab()
  const before = await stored()
  const log = () => readFile(join(local.directory, 'logs', 'deal-consumer.log'), 'utf8')
  await open('/groups/keeper-consumer-group-deals')
  await page.getByText('Read again from another place').click()
  await page.getByRole('combobox', { name: /^To/ }).fill('start')
  await page.getByRole('textbox', { name: 'Partitions' }).fill('0')
  await page.getByRole('button', { name: 'Preview' }).click()
  const change = page
    .getByRole('table', { name: 'What would change' })
    .getByRole('row', { name: /^deal-updates/ })
  await change.waitFor()
  expect(await change.getByRole('cell').allTextContents()).toEqual([
    ...['deal-updates', '0'],
    ...[expect.stringMatching(/^[1-9]/), '0', expect.stringMatching(/^[1-9]/)],
  ])
  let asked = ''
  page.on('dialog', (dialog) => {
    asked = dialog.message()
    void dialog.accept()
  })
  const logged = (await log()).length
  await page.getByRole('button', { name: 'Reset', exact: true }).click()
  await until(async () => (await log()).length > logged)
  expect(asked).toMatch(/^Reset keeper-consumer-group-deals\? It delivers [1-9]\d* records? again\.$/)
  await page.getByText('Stable, 0 records behind').waitFor()
  expect(await stored()).toEqual(before)
  expect([await barriers(page), wrong]).toEqual([[], []])
  await close()
})

test('deals are found by words of their titles, and the page says where', async () => {
  const { page, wrong, open, close } = await tab()
  await open('/deals')
  await page.getByLabel('Words of the title').fill('k380')
  await page.getByLabel('Words of the title').press('Enter')
  await page.getByText('Searched in Postgres.').waitFor()
  await page.getByRole('row', { name: /Logitech K380/ }).waitFor()
  expect([await barriers(page), wrong]).toEqual([[], []])
  await page.getByLabel('Price up to').fill('1')
  await page.getByLabel('Price up to').press('Enter')
  await page.getByText('fewer limits show more').waitFor()
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
