import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Page, Request } from 'playwright-core'
import { ClientError } from '../../client/client-error.ts'
import type { Keeper } from '../../client/keeper.ts'
import { buildAssets } from '../../console/server/assets.ts'
import { type RunningConsole, startConsole } from '../../console/server/console.ts'
import { conditionOf } from '../../lambdas/operator/kafka/condition.ts'
import { ownDir } from '../helpers/stoppable.ts'
import { until } from '../local/until.ts'
import { barriers, startBrowser } from './browser.ts'
import { fakeKeeper, payloadOf } from './fake-keeper.ts'

/** What every page shows before, without and instead of data: the real pages and server, before a Keeper that has none. */

let browser: Browser
const consoles: RunningConsole[] = []

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await Promise.all(consoles.map((running) => running.close()))
})

/** A tab of a console of its own, and what went wrong in it. */
interface Tab {
  readonly page: Page
  readonly wrong: string[]
  /** Goes to a page as its links do. */
  open(path: string): Promise<void>
}

/** @param keeper is looked for at each call until it is found */
async function tabOf(keeper: () => Promise<Keeper>, isReadOnly = false): Promise<Tab> {
  const running = await startConsole({ keeper, port: 0, isReadOnly })
  consoles.push(running)
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1_200, height: 800 } })
  const page = await context.newPage()
  // Nothing here waits for a broker.
  page.setDefaultTimeout(10_000)
  const wrong: string[] = []
  page.on('console', (message) => {
    // A call that is refused is what some of these tests are about.
    if (message.type() === 'error' && !/status of 422/.test(message.text())) wrong.push(message.text())
  })
  page.on('pageerror', ({ message }) => wrong.push(message))
  const left = (request: Request) => {
    const isOwn = /^(http:\/\/127\.0\.0\.1|data:|blob:)/.test(request.url())
    if (!isOwn && request.failure()?.errorText !== 'csp') wrong.push(`asked ${request.url()}`)
  }
  page.on('requestfinished', left)
  page.on('requestfailed', left)
  await page.goto(running.url)
  const open = async (path: string) => {
    await page.evaluate((to) => {
      history.pushState(null, '', to)
      dispatchEvent(new PopStateEvent('popstate'))
    }, path)
    wrong.length = 0
  }
  return { page, wrong, open }
}

const PAGES = [
  { path: '/', heading: 'Overview', says: 'No alarm is on.' },
  { path: '/watches', heading: 'Watches', says: 'Nothing is watched yet' },
  { path: '/products/de/B000000001', heading: 'B000000001', says: 'No price was seen yet' },
  { path: '/alerts', heading: 'Alerts', says: 'one is raised when a watched price falls to its target' },
  { path: '/notifications', heading: 'Messages', says: 'one is made when an alert is raised' },
  { path: '/reports', heading: 'Reports', says: 'the daily deal report covers users who have a filter' },
  { path: '/inbox', heading: 'Inbox', says: 'Add a watch' },
  { path: '/topics', heading: 'Topics', says: 'the data stack makes them' },
  { path: '/groups', heading: 'Groups', says: 'No group has read anything yet' },
  { path: '/rejected', heading: 'Rejected records', says: 'every record that was delivered is stored' },
  { path: '/schedules', heading: 'Schedules', says: 'No run failed for good' },
  { path: '/functions', heading: 'Functions', says: 'Choose a function to see its log' },
  { path: '/alarms', heading: 'Alarms', says: 'This Keeper has no alarms' },
  { path: '/dashboards', heading: 'Dashboards', says: 'deploy this version of it' },
] as const

const NOTHING = {
  'watches.search': { total: 0, rows: [] },
  'products.show': {
    asin: 'B000000001',
    marketplaces: [
      {
        ...{ id: '1', domain: 'de', title: '', currency: 'EUR', price: null, priceAt: null, observations: 0 },
        ...{ unavailableSince: null, historyImportedAt: null, watches: [], alerts: [] },
      },
    ],
  },
  'rejected.candidates': { groups: [], records: 0, alreadyRedriven: 0 },
  'status.show': {
    at: '2026-02-20T12:00:00.000Z',
    consumers: { value: [] },
    database: {
      value: {
        ...{ now: '2026-02-20T12:00:00.000Z', newestPrice: null, newestDeal: null },
        ...{ rejectedOpen: 0, alertsPending: 0, runs: [], schema: { database: 1, code: 1 } },
      },
    },
  },
}

describe('before anything is there', () => {
  const reason = 'No Keeper runs here: start one with npm run local.'
  let missing: Tab
  let slow: Tab
  let empty: Tab
  beforeAll(async () => {
    ;[missing, slow, empty] = await Promise.all([
      tabOf(() => Promise.reject(new ClientError('not_running', reason))),
      tabOf(() => new Promise(() => {})),
      tabOf(async () => fakeKeeper(NOTHING)),
    ])
  })

  test.each(PAGES)('$path says what is wrong, and offers to try again', async ({ path, heading }) => {
    const { page, wrong, open } = missing
    await open(path)
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    await page.getByRole('alert').first().waitFor()
    expect(await page.getByRole('alert').first().textContent()).toContain(reason)
    await page.getByRole('button', { name: 'Try again' }).first().waitFor()
    expect(wrong).toEqual([])
  })

  test.each(PAGES)('$path says that it waits', async ({ path, heading }) => {
    const { page, wrong, open } = slow
    await open(path)
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    await page.getByText('Loading', { exact: true }).first().waitFor()
    expect(wrong).toEqual([])
  })

  test.each(PAGES)('$path, without data, says: $says', async ({ path, says }) => {
    const { page, wrong, open } = empty
    await open(path)
    await page.getByText(says).first().waitFor()
    await until(async () => (await page.locator('.loading').count()) === 0, 10_000)
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(wrong).toEqual([])
  })
})

test('a console that only reads says so, and offers nothing that it would refuse', async () => {
  const { page, open } = await tabOf(
    async () => fakeKeeper({ ...NOTHING, 'notifications.show': FAILED }),
    true,
  )
  await open('/notifications/7')
  await page.getByText('read only', { exact: true }).waitFor()
  await until(() => page.getByRole('button', { name: 'Send again' }).isDisabled())
})

test('a watch that is unticked after all were chosen stays, and the others go', async () => {
  const { page, wrong, open } = await tabOf(async () =>
    fakeKeeper({ ...NOTHING, ...WATCHED, 'watches.change': { changed: 4, next: null } }),
  )
  await open('/watches')
  const boxes = page.getByRole('checkbox', { name: /^Choose/ })
  await boxes.nth(0).check()
  await page.getByRole('button', { name: 'Choose all 5' }).click()
  await page.getByText('5 of 5 chosen').waitFor()
  await boxes.nth(2).uncheck()
  await page.getByText('4 of 5 chosen').waitFor()
  expect(await boxes.evaluateAll((all) => all.map((box) => (box as HTMLInputElement).checked))).toEqual([
    ...[true, true, false, true, true],
  ])
  let asked = ''
  page.on('dialog', (dialog) => {
    asked = dialog.message()
    void dialog.accept()
  })
  const isChange = (request: Request) => /watches\.change/.test(request.postData() ?? '')
  const [request] = await Promise.all([
    page.waitForRequest(isChange),
    page.getByRole('button', { name: 'Remove' }).click(),
  ])
  expect(asked).toBe('Remove 4 watches and their alerts? The history of prices stays.')
  expect(request.postDataJSON()).toMatchObject({
    input: { change: 'remove', watches: ['1', '2', '4', '5'] },
  })

  // Once they are gone nothing is chosen.
  await boxes.nth(1).check()
  await page.getByRole('button', { name: 'Remove' }).click()
  expect(asked).toBe('Remove 1 watch and its alerts? The history of prices stays.')
  expect(wrong).toEqual([])
})

test('words of a search are kept as a filter for the user that one chooses, and nothing is kept where nothing is said', async () => {
  const filter = {
    ...{ id: '3', created: true, user: 'bob@example.com', domain: 'de', titleContains: 'logitech' },
    ...{ minDiscount: null, maxPrice: null, minRating: null },
  }
  const { page, wrong, open } = await tabOf(async () =>
    fakeKeeper({
      ...NOTHING,
      'users.list': { rows: [{ email: 'ada@example.com' }, { email: 'bob@example.com' }], next: null },
      'deals.search': { rows: [], match: 'words', hasMore: false, source: 'postgres', notice: null },
      'filters.add': filter,
    }),
  )
  await open('/deals')
  const keep = page.getByRole('button', { name: 'Keep as a filter' })
  await page.getByRole('combobox', { name: 'For' }).selectOption('bob@example.com')
  const isKept = (request: Request) => /filters\.add/.test(request.postData() ?? '')
  const sent: unknown[] = []
  page.on('request', (request) => isKept(request) && sent.push(request.postDataJSON().input))
  await keep.click()
  await page.getByText('First say which deals').waitFor()
  await page.getByLabel('Words of the title').fill('logitech')
  await page.getByLabel('Shop').selectOption('de')
  await keep.click()
  await page
    .getByText(
      'Filter 3 was added: the daily report of bob@example.com has deals with “logitech” in the title, of amazon.de.',
    )
    .waitFor()
  expect(sent).toEqual([{ domain: 'de', titleContains: 'logitech', user: 'bob@example.com' }])
  await page.getByLabel('Shop').selectOption('fr')
  await page.getByText('Filter 3 was added').waitFor({ state: 'detached' })
  expect(wrong).toEqual([])
})

const WATCHED = {
  'prices.sparks': [],
  'watches.search': {
    total: 5,
    rows: ['1', '2', '3', '4', '5'].map((id) => ({
      ...{ id, productId: id, asin: `B00000000${id}`, domain: 'de', title: '', currency: 'EUR', user: 'ada' },
      ...{ price: null, priceAt: null, target: null, status: 'ACTIVE', snoozedUntil: null },
    })),
  },
}

const FAILED = {
  ...{ id: '7', user: 'ada@example.com', kind: 'alert', status: 'FAILED', reason: 'answered 400' },
  ...{ attempts: 1, createdAt: '2026-02-20T12:00:00.000Z', dueAt: null, sentAt: null, took: null },
  alerts: [],
  reportDay: null,
  deliveries: [
    {
      ...{
        channel: null,
        kind: 'webhook',
        address: 'https://hooks.example.com',
        attempt: 1,
        status: 'FAILED',
      },
      ...{ reason: 'answered 400', providerId: null, at: '2026-02-20T12:00:01.000Z' },
    },
  ],
}

describe('with something there', () => {
  let tab: Tab
  const invoked: unknown[] = []
  beforeAll(async () => {
    const state = await ownDir('console-state')
    await mkdir(join(state, 'mail'))
    await writeFile(join(state, 'mail', `${HOSTILE.id}.json`), JSON.stringify(HOSTILE))
    const found = fakeKeeper(
      {
        ...NOTHING,
        'notifications.show': FAILED,
        'topics.list': TOPICS,
        'messages.read': MESSAGES,
        'records.rows': BECAME,
        'topics.describe': { topic: 'topic-1', partitions: [], config: {} },
      },
      (command, input) => {
        if (command in CLOUD) return CLOUD[command] ?? {}
        if (command === 'InvokeCommand') {
          invoked.push(payloadOf(input))
          return { Payload: Buffer.from('{"sentAgain":1}') }
        }
        return {}
      },
      { state },
    )
    tab = await tabOf(async () => found)
  })

  test.each([
    '/inbox/0100-abc-000000',
    '/notifications/7',
    '/topics/topic-1',
    '/alarms/a',
    '/dashboards/overview',
  ])('%s has no barrier, in light and in dark', async (path) => {
    const { page, open } = tab
    await open(path)
    await until(async () => (await page.locator('.loading').count()) === 0, 10_000)
    const light = await barriers(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    const dark = await barriers(page)
    await page.emulateMedia({ colorScheme: null })
    expect([light, dark]).toEqual([[], []])
  })

  test('a graph of a dashboard is read by its label and by keys, and is a table on demand', async () => {
    const { page, wrong, open } = tab
    await open('/dashboards/overview')
    const graph = page.getByRole('img', { name: 'Rows. Newest: stored 12, half 6. Arrow keys read them.' })
    await graph.focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await until(async () => /: stored 7, half 3.5$/.test((await graph.locator('output').textContent()) ?? ''))
    await page.getByLabel('as tables').check()
    const table = page.getByRole('table', { name: 'Rows' })
    expect(await table.getByRole('columnheader').allTextContents()).toEqual(['Time', 'stored', 'half'])
    await page.getByText('two lines of text').waitFor()
    await page.getByRole('link', { name: 'a', exact: true }).waitFor()
    await page.getByText(/1 alarm$/).waitFor()
    expect(wrong).toEqual([])
  })

  test('a mail is shown with its pictures, and can neither run a script nor ask anybody for anything', async () => {
    const { page, wrong, open } = tab
    await open('/inbox')
    await page.getByRole('link', { name: 'A price <b>fell</b>' }).click()
    const mail = page.frameLocator('iframe')
    await mail.getByText('the price is €40').waitFor()
    expect(await page.locator('iframe').getAttribute('sandbox')).not.toMatch(/scripts|same-origin/)
    expect(await mail.locator('#target').textContent()).toBe('untouched')
    expect(await mail.locator('#chart').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
    // The one from elsewhere was refused before it was asked for: that is all that went wrong.
    expect(wrong.filter((each) => !/evil\.example.*violates|Blocked script execution/.test(each))).toEqual([])

    await page.getByText('headers', { exact: true }).click()
    await page.getByText('X-Keeper-Message-Id: 7').waitFor()
    await page.getByText('text', { exact: true }).click()
    await page.getByText('The same as text.').waitFor()
  })

  test('a message that every channel gave up says why, and is sent again', async () => {
    const { page, wrong, open } = tab
    await open('/notifications/7')
    await page.getByRole('cell', { name: 'answered 400' }).waitFor()
    await page.getByRole('button', { name: 'Send again' }).click()
    await until(() => invoked.length === 1)
    expect(invoked).toEqual([{ sendAgain: '7' }])
    expect(wrong).toEqual([])
  })

  test('a tab that nobody looks at holds no connection, and goes on when it is looked at', async () => {
    const { page, open } = tab
    const isLive = (request: Request) => request.url().endsWith('/api/live')
    const show = (state: string) =>
      page.evaluate((now) => {
        Object.defineProperty(document, 'visibilityState', { value: now, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, state)
    await Promise.all([page.waitForRequest(isLive), open('/topics')])
    await page.getByRole('link', { name: 'topic-0', exact: true }).waitFor()
    await Promise.all([page.waitForEvent('requestfailed', isLive), show('hidden')])
    await Promise.all([page.waitForRequest(isLive), show('visible')])
  })

  test('a list is walked with arrow keys or j and k, what is chosen is seen, and Enter opens it', async () => {
    const { page, open } = tab
    await open('/topics')
    await page.getByRole('link', { name: 'topic-0', exact: true }).focus()
    await page.keyboard.press('j')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('k')
    const chosen = page.locator('[data-row]:focus-visible')
    expect(await chosen.textContent()).toBe('topic-1')
    expect(await chosen.evaluate((link) => getComputedStyle(link).outlineStyle)).toBe('solid')
    await page.keyboard.press('End')
    expect(await page.locator(':focus').textContent()).toBe('topic-299')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'topic-299', exact: true }).waitFor()
  })

  test('the condition that stands as an example finds what it says', async () => {
    const { page, open } = tab
    await open('/topics/topic-1')
    const example = (await page.getByLabel('Where').getAttribute('placeholder')) ?? ''
    const isFound = (price: number) =>
      conditionOf(example)({ ...RECORD, value: { text: JSON.stringify({ current_price: price }) } })
    expect([isFound(49), isFound(51)]).toEqual([true, false])
  })

  test('messages leave as CSV in which no spreadsheet finds a formula', async () => {
    const { page, open } = tab
    await open('/topics/topic-1')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ])
    const parts: Buffer[] = []
    for await (const part of await download.createReadStream()) parts.push(part as Buffer)
    expect(Buffer.concat(parts).toString('utf8')).toBe(
      '"partition","offset","time","key","value","headers"\r\n' +
        `"0","5","2026-02-20T12:00:00.000Z","'=cmd()","{""a"":""b""}","source: keeper"\r\n`,
    )
  })
})

const TOPICS = Array.from({ length: 300 }, (_, index) => ({
  ...{ topic: `topic-${index}`, partitions: 3, replicas: 1, records: index },
}))

const RECORD = { partition: 0, offset: '5', timestamp: 0, key: null, headers: [] }

const MESSAGES = {
  rows: [
    {
      ...{ partition: 0, offset: '5', timestamp: Date.parse('2026-02-20T12:00:00Z') },
      ...{ key: { text: '=cmd()' }, value: { text: '{"a":"b"}' } },
      headers: [{ name: 'source', value: { text: 'keeper' } }],
    },
  ],
  next: null,
}

const BECAME = { asin: null, domain: null, rows: [], rejected: { id: '3', reason: 'invalid_json' } }

const NOW = Date.now()
const alarmOf = (AlarmName: string, StateValue: string) => ({
  ...{ AlarmName, StateValue, StateReason: 'why', StateTransitionedTimestamp: new Date(NOW) },
  AlarmDescription: `${AlarmName} is bad. https://example.com/runbook.md#${AlarmName}`,
})

/** What AWS answers, by command. */
const CLOUD: Readonly<Record<string, object>> = {
  DescribeStacksCommand: {
    Stacks: [
      {
        ...{
          StackName: 'keeper-dev-notification',
          CreationTime: new Date(NOW),
          StackStatus: 'CREATE_COMPLETE',
        },
        Outputs: [{ OutputKey: 'notifierfunction', OutputValue: 'notifier', Description: 'notifier' }],
      },
    ],
  },
  DescribeAlarmsCommand: { MetricAlarms: [alarmOf('a', 'ALARM'), alarmOf('b', 'OK')] },
  ListDashboardsCommand: { DashboardEntries: [{ DashboardName: 'overview-dashboard' }] },
  GetDashboardCommand: {
    DashboardBody: JSON.stringify({
      widgets: [
        {
          type: 'alarm',
          width: 24,
          properties: {
            title: 'Alarms',
            alarms: ['arn:aws:cloudwatch:r:1:alarm:a', 'arn:aws:cloudwatch:r:1:alarm:b'],
          },
        },
        {
          ...{ type: 'metric', width: 12 },
          properties: {
            title: 'Rows',
            metrics: [
              ['Keeper', 'Rows', 'Function', 'price-consumer', { id: 'm1', label: 'stored', stat: 'Sum' }],
              [{ expression: 'm1 / 2', label: 'half' }],
            ],
          },
        },
        { type: 'text', properties: { markdown: 'two lines of text' } },
      ],
    }),
  },
  GetMetricDataCommand: {
    MetricDataResults: [
      {
        Id: 'm1',
        Label: 'stored',
        Timestamps: [new Date(NOW - 600_000), new Date(NOW - 300_000)],
        Values: [7, 12],
      },
      {
        Id: 'line1',
        Label: 'half',
        Timestamps: [new Date(NOW - 600_000), new Date(NOW - 300_000)],
        Values: [3.5, 6],
      },
    ],
  },
}

/** A picture of one pixel. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

const HOSTILE = {
  ...{ id: '0100-abc-000000', at: '2026-02-20T12:00:00.000Z', from: 'keeper@example.com' },
  ...{ to: ['ada@example.com'], subject: 'A price <b>fell</b>', text: 'The same as text.' },
  headers: { 'X-Keeper-Message-Id': '7' },
  html: `<html><head><style>p { color: green }</style></head><body><p id="target">untouched</p><p>the price is €40</p>
    <img id="chart" src="cid:chart"><img src="https://evil.example/pixel.png">
    <script>document.getElementById('target').textContent = 'script ran'</script></body></html>`,
  attachments: [{ name: 'chart.png', contentType: 'image/png', contentId: 'chart', content: PIXEL }],
}

test('all that a browser loads of the pages is at most 100 KB', async () => {
  const { files, document } = await buildAssets()
  const bytes = [...files.values(), document].reduce((sum, { gzipped }) => sum + gzipped.length, 0)
  expect(bytes).toBeLessThanOrEqual(100_000)
})
