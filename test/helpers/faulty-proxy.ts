import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server on which a test lets a network fail. */
export interface FaultyProxy {
  readonly port: number
  /** Nothing passes any more, in either direction, and no connection is closed. */
  freeze(): void
  /** Every byte takes this much longer. */
  delay(ms: number): void
  /** Resets every connection. New ones are taken. */
  cut(): void
  /** The server's side of every connection ends, while what the client sends still arrives. */
  halfClose(): void
  /** All passes again. Connections that were cut stay so. */
  heal(): void
  close(): Promise<void>
}

interface Late {
  readonly dueMs: number
  readonly bytes: Buffer
}

/** A TCP proxy to `targetPort` of this machine. */
export async function faultyProxy(targetPort: number): Promise<FaultyProxy> {
  let isFrozen = false
  let delayMs = 0
  const connections = new Set<{ readonly client: Socket; readonly server: Socket }>()
  const pumps = new Set<() => void>()

  /** Passes on what arrives, in its order, each part once its time has come. */
  const pass = (from: Socket, to: Socket) => {
    const late: Late[] = []
    let timer: NodeJS.Timeout | undefined
    let isOver = false
    const pump = () => {
      clearTimeout(timer)
      if (isFrozen) return
      while (late[0] && late[0].dueMs <= Date.now()) {
        const { bytes } = late.shift() as Late
        if (to.writable) to.write(bytes)
      }
      if (late[0]) timer = setTimeout(pump, late[0].dueMs - Date.now())
      else if (isOver && to.writable) to.end()
    }
    pumps.add(pump)
    from.on('data', (bytes: Buffer) => {
      late.push({ dueMs: Date.now() + delayMs, bytes })
      pump()
    })
    from.on('end', () => {
      isOver = true
      pump()
    })
    from.on('close', () => {
      clearTimeout(timer)
      pumps.delete(pump)
    })
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const connection = { client, server: target }
    connections.add(connection)
    const end = () => {
      client.destroy()
      target.destroy()
      connections.delete(connection)
    }
    for (const socket of [client, target]) socket.on('error', end)
    client.on('close', end)
    target.on('close', () => {
      if (!isFrozen) end()
    })
    pass(client, target)
    pass(target, client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const reset = () => {
    for (const { client, server: target } of connections) {
      client.resetAndDestroy()
      target.destroy()
    }
  }
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      isFrozen = true
    },
    delay: (ms) => {
      delayMs = ms
    },
    cut: reset,
    halfClose: () => {
      for (const { client } of connections) client.end()
    },
    heal: () => {
      isFrozen = false
      delayMs = 0
      for (const pump of pumps) pump()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        reset()
      }),
  }
}
