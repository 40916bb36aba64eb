import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request that a service has taken in, whatever it answered. */
export interface Recorded {
  readonly path: string
  readonly id: string
  readonly to: string
  readonly text: string
  /** As it came. */
  readonly body: string
}

export interface RecordingService {
  readonly url: string
  readonly requests: Recorded[]
  /** What it answers: a status, with headers if need be; a request that is held is answered once the promise ends. */
  answer: (request: Recorded) => Answer | Promise<Answer>
  close(): Promise<void>
}

export type Answer = number | readonly [status: number, headers: Readonly<Record<string, string>>]

/** Stands in for every channel's service: it stores a request, then answers. */
export async function recordingService(): Promise<RecordingService> {
  const requests: Recorded[] = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const recorded = { path: request.url ?? '', body, ...JSON.parse(body) } as Recorded
    requests.push(recorded)
    const answer = await service.answer(recorded)
    const [status, headers] = typeof answer === 'number' ? [answer, {}] : answer
    response.writeHead(status, headers).end(`provider-${requests.length}`)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const service: RecordingService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: () => 200,
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return service
}
