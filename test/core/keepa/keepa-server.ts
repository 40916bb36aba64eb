import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'

/** An answer to give once: a body, or a fixture's name; 200 unless said otherwise. */
export interface Scripted {
  readonly status?: number
  readonly body?: string | object
  readonly fixture?: string
}

export interface AskedRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: string
}

/** A server on a free port that gives scripted answers, gzipped, one a request; the last is given again and again. */
export async function startScriptedServer(...script: readonly Scripted[]) {
  const asked: AskedRequest[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://keepa')
    const { method = '', headers } = request
    asked.push({
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: await text(request),
    })
    const { status = 200, body, fixture } = script[Math.min(asked.length, script.length) - 1] ?? {}
    const content = fixture ? readFixture(fixture) : typeof body === 'string' ? body : JSON.stringify(body)
    const gzip = String(headers['accept-encoding']).includes('gzip')
    response.writeHead(status, gzip ? { 'content-encoding': 'gzip' } : {})
    response.end(gzip ? gzipSync(content) : content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A file of test/core/keepa/fixtures. */
export const readFixture = (name: string): string =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')

/** A clock that only sleeping moves on, so that a test sees every wait and waits for none. */
export function createClock(startMs = Date.parse('2026-02-20T12:30:00Z')) {
  let time = startMs
  const waits: number[] = []
  return {
    now: () => time,
    sleep: async (milliseconds: number) => {
      waits.push(milliseconds)
      time += milliseconds
    },
    /** Every sleep so far, in milliseconds. */
    waits,
    in: (milliseconds: number) => time + milliseconds,
  }
}
