import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How the receiver answers. `hang`: not at all; `cut`: it takes the request and ends the connection. */
export type Mood = 'ok' | 'fail' | 'hang' | 'cut'

/** Someone's webhook: notes which messages it was sent, whatever it answered. */
export interface Receiver {
  readonly url: string
  mood: Mood
  /** The bodies of each message's requests, by the id of the message; `taken` counts those that were answered with 200. */
  readonly received: ReadonlyMap<string, Received>
  close(): Promise<void>
}

export interface Received {
  readonly bodies: string[]
  taken: number
}

export async function openReceiver(): Promise<Receiver> {
  const received = new Map<string, Received>()
  const receiver: { mood: Mood } = { mood: 'ok' }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const id = String(request.headers['webhook-id']).replace('msg_', '')
    const message = received.get(id) ?? { bodies: [], taken: 0 }
    received.set(id, message)
    message.bodies.push(body)
    if (receiver.mood === 'cut') request.socket.destroy()
    else if (receiver.mood === 'fail') response.writeHead(503).end()
    else if (receiver.mood === 'ok') {
      message.taken += 1
      response.end('ok')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}
