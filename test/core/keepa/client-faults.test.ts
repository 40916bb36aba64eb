import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createKeepaClient } from '../../../lambdas/core/keepa/client.ts'
import { createLogger } from '../../../lambdas/core/logger.ts'
import { type Market, type MarketOptions, startMarket } from '../../../local/market/market.ts'
import { createClock, startScriptedServer } from './keepa-server.ts'

const ASIN = 'B07W6JN8V8'
const KEY = 'a-key-that-nobody-may-see'

const open: { close(): Promise<void> }[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

/** A client of a simulated market; both live by the same clock. */
async function clientOfMarket(options: MarketOptions = {}) {
  const clock = createClock()
  const market = await startMarket({ now: clock.now, catalogueSize: 3, apiKey: KEY, ...options })
  open.push(market)
  return { market, ...clientOf(market.url, clock) }
}

function clientOf(baseUrl: string, clock = createClock(), apiKey = KEY) {
  const lines: string[] = []
  const log = createLogger({}, (line) => void lines.push(line))
  const client = createKeepaClient({ apiKey, baseUrl, log, now: clock.now, sleep: clock.sleep })
  const read = (timeMs = 900_000) =>
    client.products({ domain: 'de', asins: [ASIN], deadline: clock.in(timeMs) })
  return { client, clock, lines, read }
}

const isRead = ({ products }: { products: ReadonlyMap<string, object> }) => products.has(ASIN)

describe('a refusal', () => {
  test.each([
    [400, 'keepa_rejected'],
    [402, 'keepa_payment'],
    [404, 'keepa_not_found'],
    [405, 'keepa_rejected'],
    ['error', 'keepa_rejected'],
  ] as const)('(%s) is not asked again, and the next request goes on', async (fault, code) => {
    const { market, read, clock } = await clientOfMarket()
    market.faults.next(fault)
    await expect(read()).rejects.toMatchObject({ name: 'KeeperError', code, retriable: false })
    expect(market.requests.product).toBe(1)
    expect(isRead(await read())).toBe(true)
    expect(clock.waits).toEqual([])
  })

  test('of a wrong key is one of payment', async () => {
    const { market } = await clientOfMarket()
    const { read } = clientOf(market.url, createClock(), 'another-key')
    await expect(read()).rejects.toMatchObject({ code: 'keepa_payment' })
  })

  test('of deals, which many plans have not, is "not found"', async () => {
    const { client, clock } = await clientOfMarket({ dealsEnabled: false })
    const deals = client.deals({ domain: 'de', page: 0, deadline: clock.in(900_000) })
    await expect(deals).rejects.toMatchObject({ code: 'keepa_not_found', retriable: false })
  })
})

describe('a fault', () => {
  test.each([500, 503, 'cut', 'reset', 'html'] as const)(
    '(%s) is asked again until it has passed',
    async (fault) => {
      const { market, read, clock } = await clientOfMarket()
      market.faults.next(fault, fault)
      expect(isRead(await read())).toBe(true)
      expect(clock.waits).toEqual([1_000, 2_000])
    },
  )

  test('that stays is given up after eight attempts, with waits that double up to a minute', async () => {
    const { market, read, clock } = await clientOfMarket()
    market.faults.next(...new Array<500>(20).fill(500))
    await expect(read()).rejects.toMatchObject({ code: 'keepa_fault', retriable: true })
    expect(market.requests.product).toBe(8)
    expect(clock.waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000])
  })

  test('is given up before a wait would pass the deadline', async () => {
    const { market, read, clock } = await clientOfMarket()
    market.faults.next(...new Array<500>(20).fill(500))
    await expect(read(10_000)).rejects.toMatchObject({ code: 'keepa_fault' })
    expect(clock.waits).toEqual([1_000, 2_000, 4_000])
  })

  test('of the network names its cause', async () => {
    const market = await startMarket()
    await market.close()
    const { read } = clientOf(market.url)
    await expect(read()).rejects.toMatchObject({
      code: 'keepa_fault',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('is also an answer that never comes: it ends with the deadline', async () => {
    const { market, read } = await clientOfMarket()
    market.faults.next('hang')
    await expect(read(200)).rejects.toMatchObject({
      code: 'keepa_fault',
      message: expect.stringContaining('200 ms'),
    })
  })

  test('that is an unknown content coding is named at once and not asked for again', async () => {
    const server = createServer((_, response) =>
      response.writeHead(200, { 'content-encoding': 'zstd' }).end('packed'),
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push({ close: async () => void server.close() })
    const { read, clock } = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await expect(read()).rejects.toMatchObject({
      code: 'keepa_fault',
      message: expect.stringContaining('in 1 attempt(s), last: the answer has the content coding "zstd"'),
    })
    expect(clock.waits).toEqual([])
  })

  test('is also a whole answer without products: it is not taken for products without prices', async () => {
    const server = await startScriptedServer({ body: { tokensLeft: 10, error: null } })
    open.push(server)
    await expect(clientOf(server.url).read()).rejects.toMatchObject({ code: 'keepa_fault' })
  })

  test('is a run that has no time left: nothing is asked', async () => {
    const { market, read } = await clientOfMarket()
    await expect(read(0)).rejects.toMatchObject({ code: 'keepa_fault', retriable: true })
    expect(market.requests.product).toBe(0)
  })
})

describe('tokens', () => {
  const scarce = { tokens: { capacity: 2, refillPerMinute: 1 } }
  const drained = async (options: MarketOptions = scarce) => {
    const setting = await clientOfMarket(options)
    await control(setting.market, { tokensLeft: 0 })
    return setting
  }

  test('that lack are waited for, 100 ms longer than Keepa says', async () => {
    const { read, clock, market } = await drained()
    expect(isRead(await read())).toBe(true)
    expect(clock.waits).toEqual([60_100])
    expect(market.requests.product).toBe(2)
  })

  test('that come too late end the read at once, to be resumed', async () => {
    const { read, clock, market } = await drained()
    await expect(read(60_000)).rejects.toMatchObject({ code: 'keepa_out_of_tokens', retriable: true })
    expect(clock.waits).toEqual([])
    expect(market.requests.product).toBe(1)
  })

  test('below zero hold back every call until they are refilled', async () => {
    const { client, clock, market } = await clientOfMarket(scarce)
    const asins = market.catalogue.entries.map(({ asin }) => asin)
    const deadline = clock.in(900_000)
    const first = await client.products({ domain: 'de', asins: [...asins, 'B0ABSENT01'], deadline })
    expect(first.tokensLeft).toBe(-2)
    expect(clock.waits).toEqual([])
    const second = await client.products({ domain: 'de', asins: [ASIN], deadline })
    expect(isRead(second)).toBe(true)
    expect(clock.waits).toEqual([180_100])
    expect(market.requests).toMatchObject({ product: 2, refused: 0 })
  })

  test('below zero past the deadline cost no call at all', async () => {
    const { client, read, clock, market } = await clientOfMarket(scarce)
    const asins = market.catalogue.entries.map(({ asin }) => asin)
    await client.products({ domain: 'de', asins, deadline: clock.in(900_000) })
    await expect(read(30_000)).rejects.toMatchObject({ code: 'keepa_out_of_tokens' })
    expect(market.requests.product).toBe(1)
  })

  test('that are refused again and again are waited for each time as Keepa then says', async () => {
    const { market, read, clock } = await clientOfMarket({ tokens: { capacity: 9, refillPerMinute: 9 } })
    market.faults.next(429, 429, 429)
    expect(isRead(await read())).toBe(true)
    expect(clock.waits).toEqual([60_100, 60_000, 60_000])
  })

  test('that lack according to an error within a 200 are waited for as well', async () => {
    const server = await startScriptedServer(
      { fixture: 'tokens-within-200.json' },
      { body: { products: [] } },
    )
    open.push(server)
    const { read, clock } = clientOf(server.url)
    expect((await read()).missing).toEqual([ASIN])
    expect(clock.waits).toEqual([2_100])
  })

  test('refused without saying when they come are waited for a minute, and never longer than there is time', async () => {
    const server = await startScriptedServer({ status: 429, body: '<html>' })
    open.push(server)
    const { read, clock } = clientOf(server.url)
    await expect(read(200_000)).rejects.toMatchObject({ code: 'keepa_out_of_tokens' })
    expect(clock.waits).toEqual([60_100, 60_100, 60_100])
  })

  test('refused with no wait at all are not asked for in a tight loop', async () => {
    const server = await startScriptedServer({
      status: 429,
      body: { tokensLeft: 0, refillIn: 0, refillRate: 0 },
    })
    open.push(server)
    const { read, clock } = clientOf(server.url)
    await expect(read(60_000)).rejects.toMatchObject({ code: 'keepa_out_of_tokens' })
    expect(clock.waits).toEqual([100, 1_000, 2_000, 4_000, 8_000, 16_000])
  })
})

describe('the key', () => {
  test('is in no error and no log line, even where Keepa repeats it', async () => {
    const error = { type: 'invalidKey', message: `The key ${KEY} is unknown.` }
    for (const script of [
      { status: 400, body: { error } },
      { status: 500, body: { error } },
      { body: { error } },
    ]) {
      const server = await startScriptedServer(script)
      open.push(server)
      const { read, lines } = clientOf(server.url)
      const thrown = await read().then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(thrown).toMatchObject({ name: 'KeeperError', message: expect.stringContaining('***') })
      expect(`${(thrown as Error).stack} ${JSON.stringify(thrown)} ${lines.join()}`).not.toContain(KEY)
    }
  })

  test('is in no error where Keepa cannot be reached', async () => {
    const thrown = await clientOf('http://127.0.0.1:1')
      .read()
      .catch((reason: unknown) => reason)
    expect(thrown).toMatchObject({ code: 'keepa_fault' })
    expect((thrown as Error).stack).not.toContain(KEY)
  })
})

const control = async ({ url }: Market, body: object): Promise<void> => {
  const response = await fetch(`${url}/control`, { method: 'POST', body: JSON.stringify(body) })
  await response.body?.cancel()
}
