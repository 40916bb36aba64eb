import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { dealEvent } from '../helpers/msk-events.ts'
import { checksum } from '../helpers/tables.ts'
import { until } from '../local/until.ts'
import { type LocalKeeper, localKeeper } from './local-keeper.ts'

/** The command itself, against one `npm run local` without schedules. */

/** The simulated market does not have it. */
const ASIN = 'B07W6JN8V0'

let local: LocalKeeper
const keeper: LocalKeeper['keeper'] = (...args) => local.keeper(...args)
const json: LocalKeeper['json'] = (...args) => local.json(...args)

beforeAll(async () => {
  local = await localKeeper()
  // What every first run is given to look at.
  await local.database.pool.query('delete from users; delete from watched_products')
}, 180_000)

afterAll(() => local?.close(), 60_000)

test('people watch products by address, by file and by ASIN, and look at prices', async () => {
  expect(await keeper('users', 'add', 'ada@example.com')).toMatchObject({ code: 0, out: '' })
  const added = await keeper(
    'watches',
    'add',
    `https://www.amazon.de/x/dp/${ASIN}/ref=y?th=1`,
    '--target',
    '45',
  )
  expect(added).toMatchObject({
    code: 0,
    said: expect.stringContaining('for ada@example.com, target 45.00 EUR'),
  })

  await keeper('users', 'add', 'bob@example.com')
  expect(await keeper('watches', 'add', ASIN)).toEqual({
    ...{ code: 2, out: '' },
    said: 'Whose? --user (or KEEPER_USER) takes one of ada@example.com, bob@example.com.\n',
  })
  expect(await keeper('watches', 'add', 'https://amzn.to/abc')).toMatchObject({ code: 2 })

  const file = join(local.directory, 'watches.csv')
  await writeFile(file, `\uFEFFASIN;Domain;Target\r\n${ASIN};co.uk;39,50\r\nB000000001;xx;1.234\r\n`)
  const refused = await keeper('--yes', 'watches', 'import', file, '--user', 'bob@example.com')
  expect(refused).toMatchObject({
    code: 1,
    said: expect.stringMatching(/^Nothing was imported\.\nline 3: "xx"/),
  })
  await writeFile(file, `ASIN;Domain;Target\r\n${ASIN};co.uk;39,50\r\n`)
  expect(await keeper('watches', 'import', file, '--user', 'bob@example.com')).toMatchObject({ code: 2 })
  const imported = await keeper('--yes', 'watches', 'import', file, '--user', 'bob@example.com')
  expect(imported).toMatchObject({ code: 0, said: '1 row: 1 added, 0 changed, 0 unchanged.\n' })
  expect((await keeper('watches', 'export')).out).toBe(
    `product,domain,target,status,user,title\r\n${ASIN},de,45.00,ACTIVE,ada@example.com,\r\n${ASIN},co.uk,39.50,ACTIVE,bob@example.com,\n`,
  )

  const event = { asin: ASIN, domain: 'de', event_type: 'price_update', product_title: 'K\u001b[31m380' }
  const value = JSON.stringify({
    ...event,
    current_price: 50,
    timestamp: new Date(Date.now() - 3_600_000).toISOString(),
  })
  await local.kafka.produce('price-updates', [{ key: ASIN, value }])
  await until(async () => (await json('watches', 'list'))[0]?.price === '50.00', 30_000)
  const { out } = await keeper('prices', ASIN, '--domain', 'de')
  expect(out).toMatch(/^K\ufffd\[31m380 \(B07W6JN8V0 of amazon\.de\)\n/)
  expect(out).toMatch(/\nmedian {2}50\.00 EUR by time, of 90 days\n$/)
  expect((await keeper('prices', 'B07W6JN8V9')).said).toContain(`ASINs near it: ${ASIN}`)

  expect(await keeper('watches', 'pause', ASIN, '--user', 'ada@example.com')).toMatchObject({
    ...{ code: 2, out: '' },
    said: expect.stringContaining('Without a terminal, --yes answers.'),
  })
  expect(await keeper('--yes', 'users', 'remove', 'bob@example.com')).toMatchObject({
    ...{ code: 0, said: 'bob@example.com was removed, with 1 watch, 0 filters, 0 reports.\n' },
  })
  expect(await json('watches', 'list')).toMatchObject([{ user: 'ada@example.com', status: 'ACTIVE' }])
}, 120_000)

test('people say when and of what they are told, and hold a watch for a while', async () => {
  await keeper('users', 'add', 'told@example.com')
  const told = ['users', 'show', 'told@example.com']
  await keeper('users', 'mute', 'told@example.com', '--kind', 'report')
  await keeper('users', 'set', 'told@example.com', '--time-zone', 'Europe/Berlin', '--quiet', '22:00-07:00')
  expect((await keeper(...told)).out).toMatch(
    /time zone Europe\/Berlin\nquiet {5}22:00-07:00\n(.*\n)*muted {5}report\n/,
  )
  expect(await keeper('users', 'unmute', 'told@example.com', '--kind', 'all')).toMatchObject({
    ...{ code: 0, said: 'told@example.com is sent everything.\n' },
  })
  expect(await keeper('users', 'set', 'told@example.com', '--quiet', '22-7')).toMatchObject({ code: 2 })
  expect(await keeper('users', 'set', 'told@example.com')).toMatchObject({ code: 2 })

  const watch = ['B000000007', '--user', 'told@example.com']
  await keeper('watches', 'add', ...watch, '--domain', 'de', '--target', '45')
  const held = await keeper('watches', 'snooze', ...watch, '--until', '2100-07-01', '--let-target-through')
  expect(held.said).toContain('until 2100-06-30T22:00:00Z, unless the price is at its target or below')
  expect((await keeper('watches', 'show', ...watch)).out).toContain('snoozed  until 2100-06-30T22:00:00Z')
  expect((await keeper('watches', 'unsnooze', ...watch)).said).toContain('is no longer snoozed')
  await keeper('--yes', 'users', 'remove', 'told@example.com')
}, 120_000)

test('a new watch has years of history and an alert that is due within seconds', async () => {
  const product = 'B07W6JN8V8'
  const user = ['--user', 'eve@example.com']
  await keeper('users', 'add', 'eve@example.com')
  const startedMs = Date.now()
  const added = await keeper('watches', 'add', product, '--domain', 'de', '--target', '1000', ...user)
  const seconds = (Date.now() - startedMs) / 1_000
  expect(added.said).toMatch(
    /Its history is there: \d{3} prices and \d+ times? not on offer, lowest \d+\.\d\d EUR at 20/,
  )
  expect(added.said).toMatch(/An alert is due: \d+\.\d\d EUR at 20/)
  expect(seconds).toBeLessThan(10)

  const { out } = await keeper('prices', product, '--domain', 'de', '--days', '1000')
  expect(out).toMatch(/\ngaps {4}\d+ times? not on offer\n$/)
  const csv = (await keeper('prices', product, '--domain', 'de', '--days', '1000', '--csv')).out
  expect(csv).toMatch(/\n20[^,]+,,kafka_prices\r?\n20[^,]+,\d/)

  const cheap = await keeper('watches', 'add', product, '--domain', 'de', '--target', '1', ...user)
  expect(cheap.said).toMatch(
    /It has never been that cheap: the lowest price so far is .* For 5 % above that: keeper watches target/,
  )
  const drop = await keeper('watches', 'add', product, '--domain', 'de', '--drop', '15%', ...user)
  expect(drop.said).toMatch(/Its target is \d+\.\d\d EUR, from the median of 90 days, \d+\.\d\d EUR\./)
  const both = await keeper('watches', 'add', product, '--drop', '5%', '--below-lowest', '90d', ...user)
  expect(both).toMatchObject({ code: 2 })
  expect(
    await json('watches', 'add', product, '--domain', 'de', '--below-lowest', '90d', ...user),
  ).toMatchObject({
    ...{ created: false, from: { what: 'lowest', days: 90 } },
    history: { prices: expect.any(Number), gaps: expect.any(Number) },
  })
  expect(
    await keeper('watches', 'add', product, '--domain', 'de', '--below-lowest', '9999d', ...user),
  ).toEqual({
    ...{ code: 1, out: '' },
    said: expect.stringMatching(/that takes 9999: .*\nWatch \d+ stays, with the target \d+\.\d\d\.\n$/),
  })
  await keeper('--yes', 'users', 'remove', 'eve@example.com')
  await local.database.pool.query('delete from watched_products where asin = $1', [product])
}, 120_000)

const GROUP = 'keeper-consumer-group-deals'

/** Whether the group has read what there is of a partition, and has committed that. */
const isRead = async () => {
  const { code, out } = await keeper('--json', 'groups', 'describe', GROUP)
  // The group is there once its mapping has joined.
  if (code !== 0) return false
  return JSON.parse(out).partitions.some(({ lag }: { lag: number }) => lag === 0)
}

let deals = 0

/** The one deal that there is. */
async function readDeal(): Promise<void> {
  const deal = dealEvent({ asin: 'B000000003', timestamp: new Date(Date.now() - 60_000).toISOString() })
  if (deals === 0) await local.kafka.produce('deal-updates', [{ value: JSON.stringify(deal), partition: 0 }])
  deals = 1
  await until(isRead)
}

test('a group is replayed from the start: its mapping is disabled meanwhile, and the tables stay as they are', async () => {
  await readDeal()
  const before = await checksum(local.database.pool)

  expect(await keeper('groups', 'reset', GROUP, '--to', 'start')).toMatchObject({
    ...{ code: 2, out: '' },
    said: expect.stringContaining('It delivers 1 record again. Without a terminal, --yes answers.'),
  })
  const done = await keeper('--yes', 'groups', 'reset', GROUP, '--to', 'start')
  expect(done).toMatchObject({ code: 0, said: expect.stringContaining('its mapping reads on') })
  await until(isRead)
  expect(await json('groups', 'describe', GROUP)).toMatchObject({ state: 'Stable', members: 1 })
  expect(await checksum(local.database.pool)).toBe(before)
}, 120_000)

test('two resets at once: each is done or refused with why, and the mapping reads on', async () => {
  await readDeal()
  const before = await checksum(local.database.pool)
  const reset = () => keeper('--yes', 'groups', 'reset', GROUP, '--to', 'start')
  for (const { code, said } of await Promise.all([reset(), reset()])) {
    // The other one may have disabled it just then.
    if (code === 0) expect(said).toMatch(/its mapping reads on|was disabled before/)
    else
      expect([code, said]).toEqual([
        1,
        expect.stringMatching(
          /has (\d+|new) members: stop them first|Somebody else has made the mapping|because it is in use/,
        ),
      ])
  }
  await until(async () => {
    const { state, partitions } = await json('groups', 'describe', GROUP)
    return (
      state === 'Stable' && partitions.every(({ lag }: { lag: number | null }) => lag === 0 || lag === null)
    )
  })
  expect((await json('status')).mappings.value).toMatchObject([{ state: 'Enabled' }, { state: 'Enabled' }])
  expect(await checksum(local.database.pool)).toBe(before)
}, 120_000)

describe('rejected records', () => {
  test('are shown and redriven once; those that are rejected again say where they come from', async () => {
    await local.kafka.produce('price-updates', [
      { key: 'K', value: '{"asin": "\u001b[2J', headers: { trace: 'a' } },
    ])
    const [rejected] = await until(async () => {
      const found = await json('rejected', 'list')
      return found.length > 0 && found
    }, 30_000)
    expect(rejected).toMatchObject({ topic: 'price-updates', reason: 'invalid_json' })
    const { out } = await keeper('rejected', 'show', rejected.id)
    expect(out).toContain('header    trace=a\nvalue     {"asin": "\ufffd[2J\n14 bytes\n')
    expect(out).toContain('00000000  7b 22 61 73 69 6e 22 3a  20 22 1b 5b 32 4a        |{"asin": ".[2J|')

    expect((await keeper('rejected', 'redrive', '--all', '--dry-run')).said).toContain(
      '1 record would be sent',
    )
    expect(await keeper('rejected', 'redrive', '--all')).toMatchObject({ code: 2 })
    expect(await keeper('rejected', 'redrive', '--reason', 'invalid')).toMatchObject({ code: 1 })
    expect((await keeper('--yes', 'rejected', 'redrive', rejected.id)).said).toBe('1 record sent again.\n')
    expect(await json('--yes', 'rejected', 'redrive', rejected.id)).toEqual({
      ...{ sent: 0, notSent: [], alreadyRedriven: 1 },
    })
    const [again] = await until(async () => {
      const found = await json('rejected', 'list', '--open')
      return found.length > 0 && found
    }, 30_000)
    const { headers } = await json('rejected', 'show', again.id)
    expect(headers).toContainEqual({
      name: 'keeper-redriven-from',
      value: { text: `price-updates/${rejected.partition}/${rejected.offset}` },
    })
  }, 120_000)
})
