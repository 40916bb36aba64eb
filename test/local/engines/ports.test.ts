import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { fixedPort, freePort, heldPort, isPortFree, portFor } from '../../../local/engines/ports.ts'

describe('portFor', () => {
  let holder: Server | undefined
  afterEach(() => void holder?.close())

  const hold = async (host: string): Promise<number> => {
    const port = await freePort()
    holder = createServer()
    await new Promise<void>((resolve) => holder?.listen(port, host, resolve))
    return port
  }

  test('keeps the preferred port where it is free, and says nothing', async () => {
    const port = await freePort()
    const lines: string[] = []
    expect(await portFor('Kafka', port, (line) => lines.push(line))).toBe(port)
    expect(lines).toEqual([])
  })

  test('replaces a taken port by a free one and says so', async () => {
    const port = await hold('127.0.0.1')
    const lines: string[] = []
    const other = await portFor('Kafka', port, (line) => lines.push(line))
    expect(other).not.toBe(port)
    expect(await isPortFree(other)).toBe(true)
    expect(lines).toEqual([`Port ${port} is taken by another program: Kafka uses ${other}.`])
  })

  test('that is fixed is kept, or refused where it is taken', async () => {
    const free = await freePort()
    expect(await fixedPort('kafka-port', free)).toBe(free)
    const port = await hold('127.0.0.1')
    await expect(fixedPort('kafka-port', port)).rejects.toMatchObject({
      code: 'port_taken',
      message: `--kafka-port is ${port}, and another program listens there. Stop it, or use another port.`,
    })
  })

  test('takes a port for taken where a server listens on every address', async () => {
    expect(await isPortFree(await hold('0.0.0.0'))).toBe(false)
  })
})

test('a port that is held goes to nobody else until it is given back, then to whoever comes', async () => {
  const first = await heldPort('one', await freePort(), () => undefined)
  const said: string[] = []
  const second = await heldPort('another', first.port, (line) => said.push(line))
  expect(second.port).not.toBe(first.port)
  expect(said).toEqual([expect.stringContaining(`Port ${first.port} is taken`)])
  expect(await first.release()).toBe(first.port)
  expect(await isPortFree(first.port)).toBe(true)
  await second.release()
})
