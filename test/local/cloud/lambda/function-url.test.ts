import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type FunctionUrl, openFunctionUrl } from '../../../../local/cloud/lambda/function-url.ts'
import { type Recorder, recorder } from '../fixture-function.ts'

let target: Recorder
let address: FunctionUrl
beforeEach(async () => {
  target = await recorder({ reservedConcurrency: 1 })
  address = await openFunctionUrl(target.target, 0)
})
afterEach(async () => {
  address.close()
  await target.dispose()
})

const event = async () => (await target.invocations()).at(-1)?.event

test('a request reaches the function as payload format 2.0', async () => {
  await target.control({ keepEvents: true })
  await fetch(`${address.url}a/b%20c?x=1&x=2&y=`, { headers: { 'X-One': '1', cookie: 'a=1; b=2' } })
  expect(await event()).toMatchObject({
    version: '2.0',
    rawPath: '/a/b%20c',
    rawQueryString: 'x=1&x=2&y=',
    queryStringParameters: { x: '1,2', y: '' },
    cookies: ['a=1', 'b=2'],
    headers: { 'x-one': '1' },
    requestContext: {
      accountId: 'anonymous',
      stage: '$default',
      http: { method: 'GET', path: '/a/b%20c', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
    },
    isBase64Encoded: false,
  })
})

test.each([
  ['text/plain; charset=utf-8', 'ü', 'ü', false],
  ['application/json', '{}', '{}', false],
  ['application/x-www-form-urlencoded', 'do=leave', 'ZG89bGVhdmU=', true],
  ['application/octet-stream', 'ü', 'w7w=', true],
])('a body of %s comes as it does on AWS', async (type, sent, body, isBase64Encoded) => {
  await target.control({ keepEvents: true })
  await fetch(address.url, { method: 'POST', headers: { 'content-type': type }, body: sent })
  expect(await event()).toMatchObject({ body, isBase64Encoded })
})

test('an answer with a status is the response; any other is the body of one', async () => {
  await target.control({
    answers: [
      {
        statusCode: 404,
        headers: { 'content-type': 'text/html', 'x-one': 1 },
        cookies: ['a=1'],
        body: 'gone',
      },
      { statusCode: 200, body: 'w7w=', isBase64Encoded: true },
      { some: 'object' },
    ],
  })
  const first = await fetch(address.url)
  expect([first.status, first.headers.get('content-type'), first.headers.get('x-one')]).toEqual([
    404,
    'text/html',
    '1',
  ])
  expect(first.headers.getSetCookie()).toEqual(['a=1'])
  expect(await first.text()).toBe('gone')
  expect(await (await fetch(address.url)).text()).toBe('ü')
  expect(await (await fetch(address.url)).json()).toEqual({ some: 'object' })
})

test('more at once than the function may run are refused', async () => {
  await target.control({ holds: true })
  const first = fetch(address.url)
  while ((await target.started()) === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  expect((await fetch(address.url)).status).toBe(429)
  await target.control({})
  expect((await first).status).toBe(200)
})

test('a failure of the function is a bad gateway', async () => {
  await target.target.stop()
  expect((await fetch(address.url)).status).toBe(502)
})
