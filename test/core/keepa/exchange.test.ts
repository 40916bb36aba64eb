import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, expect, test } from '@jest/globals'
import { createExchange } from '../../../lambdas/core/keepa/exchange.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const BODY = JSON.stringify({ products: [{ title: 'Tastatur für 49 €' }] })
const QUESTION = { path: 'product', query: { asin: 'B07W6JN8V8' } } as const

/** A server on a free port, and the connections that were made to it. */
async function serving(answer: RequestListener) {
  const connections: Socket[] = []
  const server = createServer(answer).on('connection', (socket) => connections.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { connections, ask: createExchange('secret', `http://127.0.0.1:${port}`) }
}

test('a packed answer is read like a plain one', async () => {
  const packed = await serving((_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(BODY)),
  )
  const plain = await serving((_, response) => response.writeHead(200).end(BODY))
  const reading = { kind: 'answer', body: JSON.parse(BODY) }
  expect(await packed.ask(QUESTION, 5_000)).toEqual(reading)
  expect(await plain.ask(QUESTION, 5_000)).toEqual(reading)
})

test.each([
  ['GZIP', gzipSync],
  [' x-gzip ', gzipSync],
  ['deflate', deflateSync],
  ['Deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['identity', Buffer.from],
  ['gzip, br', (text: string) => brotliCompressSync(gzipSync(text))],
  ['deflate,identity , X-GZIP', (text: string) => gzipSync(deflateSync(text))],
])('an answer whose content coding is "%s" is read', async (coding, packed) => {
  const { ask } = await serving((_, response) =>
    response.writeHead(200, { 'content-encoding': coding }).end(packed(BODY)),
  )
  expect(await ask(QUESTION, 5_000)).toEqual({ kind: 'answer', body: JSON.parse(BODY) })
})

test('an unknown content coding is a lasting fault that names it, also behind one that is known', async () => {
  const { ask } = await serving((_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip, dcz' }).end(gzipSync(BODY)),
  )
  expect(await ask(QUESTION, 5_000)).toMatchObject({
    kind: 'fault',
    what: 'the answer has the content coding "dcz"; Keeper asks for gzip, and also reads deflate and br',
    isLasting: true,
  })
})

test.each([
  [429, 'out_of_tokens'],
  [402, 'refusal'],
  [500, 'fault'],
])('%i is read as such although its body has an unknown content coding', async (status, kind) => {
  const { ask } = await serving((_, response) =>
    response.writeHead(status, { 'content-encoding': 'zstd' }).end('packed'),
  )
  const reading = await ask(QUESTION, 5_000)
  expect(reading.kind).toBe(kind)
  expect('isLasting' in reading && reading.isLasting).toBe(false)
})

test('one connection serves questions one after the other, and a new one is made once it was closed', async () => {
  const { ask, connections } = await serving((_, response) => response.writeHead(200).end(BODY))
  for (let count = 0; count < 3; count += 1) await ask(QUESTION, 5_000)
  expect(connections).toHaveLength(1)
  const [first] = connections
  first?.end()
  await once(first as Socket, 'close')
  expect(await ask(QUESTION, 5_000)).toMatchObject({ kind: 'answer' })
  expect(connections).toHaveLength(2)
})

test('an answer that stops in the middle is a fault once the time is over', async () => {
  const { ask } = await serving((_, response) => void response.writeHead(200).write(BODY.slice(0, 9)))
  expect(await ask(QUESTION, 100)).toMatchObject({
    kind: 'fault',
    what: 'no complete answer within 100 ms',
    isLasting: false,
  })
})

test.each([
  ['packed bytes that end early', (bytes: Buffer) => bytes.subarray(0, 20), 'unexpected end of file'],
  ['bytes that are not packed at all', () => Buffer.from(BODY), 'incorrect header check'],
])('%s are a fault', async (_, sent, what) => {
  const { ask } = await serving((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(sent(gzipSync(BODY))),
  )
  expect(await ask(QUESTION, 5_000)).toMatchObject({ kind: 'fault', what })
})

test('a connection that ends in the middle of an answer is a fault', async () => {
  const { ask } = await serving((_, response) => {
    response.writeHead(200, { 'content-length': 1_000 })
    response.write(BODY, () => response.destroy())
  })
  expect(await ask(QUESTION, 5_000)).toMatchObject({ kind: 'fault', what: 'aborted' })
})
