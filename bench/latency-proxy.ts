import { connect, createServer, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

/** A worker that passes a TCP connection on to `workerData.port`, each byte `workerData.delayMs` later. */
const { port, delayMs } = workerData as { readonly port: number; readonly delayMs: number }

const server = createServer((client) => {
  const target = connect(port, '127.0.0.1')
  pass(client, target)
  pass(target, client)
})
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()))

/** Timers of one duration fire in the order in which they were set. */
function pass(from: Socket, to: Socket): void {
  from.setNoDelay(true)
  from.on('data', (data) => setTimeout(() => to.write(data), delayMs))
  from.on('close', () => setTimeout(() => to.destroy(), delayMs))
  from.on('error', () => undefined)
}
