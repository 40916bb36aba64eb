import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { bulk, inRequests } from '../../../lambdas/core/search/bulk.ts'
import { createOpenSearch, type OpenSearch } from '../../../lambdas/core/search/open-search.ts'
import { signed } from '../../../lambdas/core/search/sign.ts'

/** Stands for whatever OpenSearch, or a load balancer before it, may answer. */
let answer: { status: number; body: string }
let asked: string[] = []
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`)
  if (answer.status > 0) response.writeHead(answer.status).end(answer.body)
})
let search: OpenSearch
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  search = createOpenSearch({ SEARCH_ENDPOINT: `http://127.0.0.1:${port}` }) as OpenSearch
})
beforeEach(() => {
  asked = []
})
afterAll(() => {
  search.close()
  server.closeAllConnections()
  server.close()
})

const fault = (type: string) => JSON.stringify({ error: { type, reason: 'because' } })

test('search is off where no endpoint is set', () => {
  expect(createOpenSearch({})).toBeUndefined()
  expect(() => createOpenSearch({ SEARCH_ENDPOINT: 'here' })).toThrow('SEARCH_ENDPOINT is "here": use a URL')
})

test.each([
  [403, '{"Message":"User: arn is not authorized"}', 'search_not_allowed', true],
  [403, fault('cluster_block_exception'), 'search_not_allowed', true],
  [404, fault('index_not_found_exception'), 'search_index_missing', true],
  [400, fault('resource_already_exists_exception'), 'search_index_exists', false],
  [400, fault('parsing_exception'), 'search_refused', false],
  [429, 'Too many requests', 'search_overloaded', true],
  [503, '<html>', 'search_failed', true],
  [200, '<html>', 'search_failed', true],
])('an answer of %d %s is %s', async (status, body, code, retriable) => {
  answer = { status, body }
  await expect(search.ask({ method: 'GET', path: '/deals' })).rejects.toMatchObject({ code, retriable })
})

test('no answer in time, or none at all, is unreachable', async () => {
  answer = { status: 0, body: '' }
  const silent = search.ask({ method: 'GET', path: '/deals', timeoutMs: 50 })
  await expect(silent).rejects.toMatchObject({ code: 'search_unreachable', retriable: true })
  const away = createOpenSearch({ SEARCH_ENDPOINT: 'http://127.0.0.1:9' }) as OpenSearch
  await expect(away.ask({ method: 'GET', path: '/' })).rejects.toThrow(/cannot be reached: .*ECONNREFUSED/)
})

test("each item's own status says what becomes of it", async () => {
  const statuses = [201, 200, 409, 429, 503, 403, 404, 400]
  const items = statuses.map((status) => ({
    index: { _index: 'deals-v1', status, ...(status < 300 ? {} : { error: { type: 'a', reason: 'b' } }) },
  }))
  answer = { status: 200, body: JSON.stringify({ items }) }
  const { outcomes, index } = await bulk(search, 'deals', ['{}\n'], 1_000)
  expect(index).toBe('deals-v1')
  expect(asked[0]).toMatch(/^POST \/deals\/_bulk\?require_alias=true&/)
  expect(outcomes.map(({ meaning }) => meaning)).toEqual([
    ...['stored', 'stored', 'outdated', 'again', 'again', 'again', 'again', 'refused'],
  ])
  expect(outcomes.at(-1)?.reason).toBe('a: b')
})

test('requests are bounded in bytes, and a larger document goes alone', () => {
  const cut = [...inRequests([3, 3, 3, 20, 1], (size) => size, 6)]
  expect(cut).toEqual([[3, 3], [3], [20], [1]])
})

test('a request to AWS is signed, body and query included', async () => {
  const request = {
    method: 'POST',
    path: '/deals/_bulk',
    query: { a: 'b' },
    body: '{}\n',
    headers: { host: 'x' },
  }
  const environment = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' }
  const sign = (changes: object) => signed({ ...request, ...changes }, new URL('https://x'), environment)
  const { headers } = await sign({})
  expect(headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/es\/aws4_request, SignedHeaders=/,
  )
  expect((await sign({ body: 'other' })).headers.authorization).not.toBe(headers.authorization)
  expect((await sign({ query: {} })).headers.authorization).not.toBe(headers.authorization)
  await expect(signed(request, new URL('https://x'), {})).rejects.toMatchObject({
    code: 'aws_credentials_missing',
  })
})
