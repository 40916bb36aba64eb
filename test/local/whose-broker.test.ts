import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stateOnPort } from '../../local/engines/kafka/broker-on-port.ts'
import { freePort } from '../../local/engines/ports.ts'
import { stoppableBroker } from '../helpers/stoppable.ts'

let broker: Awaited<ReturnType<typeof stoppableBroker>>
beforeAll(async () => {
  broker = await stoppableBroker()
})
afterAll(() => broker.dispose())

test('the run whose broker holds a port is known by its state folder', async () => {
  const port = Number(broker.bootstrapServers.split(':')[1])
  expect(await stateOnPort(port)).toBe(dirname(broker.dir))
})

test('a port that another program holds belongs to no run', async () => {
  const port = await freePort()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  expect(await stateOnPort(port)).toBeUndefined()
  server.close()
})
