import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from '../../../local/engines/ports.ts'

const PRODUCE = 0

/** A way to a broker on which answers get lost. */
export interface LossyProxy {
  readonly port: number
  /** The next answers to produce requests do not arrive: the broker has appended, and the client cannot know. */
  loseAcknowledgements(count: number): void
  /** How many were lost so far. */
  readonly lost: number
  /** From now on connections are taken, and nothing is answered. */
  hang(): void
  close(): Promise<void>
}

/** A TCP proxy to `targetPort` that understands as much of Kafka's protocol as telling one request from another. */
export async function lossyProxy(targetPort: number): Promise<LossyProxy> {
  const port = await freePort()
  const sockets = new Set<Socket>()
  let toLose = 0
  let lost = 0
  let isHanging = false

  const server: Server = createServer((client) => {
    const broker = connect(targetPort, '127.0.0.1')
    const produceRequests = new Set<number>()
    const end = () => {
      client.destroy()
      broker.destroy()
    }
    for (const socket of [client, broker]) {
      sockets.add(socket)
      socket.on('error', end).on('close', end)
    }
    // A request: its length, its kind (2 bytes), its version (2 bytes), the number that its answer repeats.
    onFrames(client, (frame) => {
      if (isHanging) return
      if (frame.readInt16BE(4) === PRODUCE) produceRequests.add(frame.readInt32BE(8))
      broker.write(frame)
    })
    onFrames(broker, (frame) => {
      if (isHanging) return
      if (toLose === 0 || !produceRequests.has(frame.readInt32BE(4))) return void client.write(frame)
      toLose -= 1
      lost += 1
      end()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port,
    loseAcknowledgements: (count) => {
      toLose = count
    },
    get lost() {
      return lost
    },
    hang: () => {
      isHanging = true
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Whole messages of Kafka's protocol, each with its length in the first 4 bytes. */
function onFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0)
      take(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
  })
}
