import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What a receiver was sent. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Receiver {
  readonly port: number
  readonly received: readonly Received[]
  close(): Promise<void>
}

/** A real server on 127.0.0.1 that keeps what it is sent; `answer` says what it answers, 204 unless given. */
export async function openReceiver(
  answer: RequestListener = (_, response) => void response.writeHead(204).end(),
  tls?: { readonly key: string; readonly cert: string },
): Promise<Receiver> {
  const received: Received[] = []
  const listener: RequestListener = async (request, response) => {
    received.push({ path: request.url ?? '', headers: request.headers, body: await text(request) })
    answer(request, response)
  }
  const server: Server = tls ? createSecureServer(tls, listener) : createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    received,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
