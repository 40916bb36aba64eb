import { createServer } from 'node:net'
import { expect, test } from '@jest/globals'
import { stateOnPort } from '../../local/engines/kafka/broker-on-port.ts'
import { freePort } from '../../local/engines/ports.ts'
import { askForOwnKafka, runDir } from '../helpers/engines.ts'

test('the run whose broker holds a port is known by its state folder', async () => {
  const { bootstrapServers } = await askForOwnKafka()
  expect(await stateOnPort(Number(bootstrapServers.split(':')[1]))).toBe(runDir())
})

test('a port that another program holds belongs to no run', async () => {
  const port = await freePort()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  expect(await stateOnPort(port)).toBeUndefined()
  server.close()
})
