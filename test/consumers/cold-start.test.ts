import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { MskEvent } from '../../lambdas/core/kafka/msk-event.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { dealEvent, mskEvent, priceEvent } from '../helpers/msk-events.ts'
import { watch } from '../helpers/tables.ts'

/** The handlers in processes of their own, as in an execution environment that has just started. */

const CONSUMERS = join(import.meta.dirname, '..', '..', 'lambdas', 'consumers')

const INVOKE = `
const { handler } = await import(process.argv[1])
const context = { functionName: 'test', awsRequestId: 'test', getRemainingTimeInMillis: () => 30_000 }
process.on('message', (event) => handler(event, context).then(() => process.send('invoked')))
process.send('loaded')
`

let database: FreshDatabase
let way: Server
let connections: number
let program: ChildProcess | undefined

beforeEach(async () => {
  database = await freshDatabase()
  const target = new URL(database.url)
  connections = 0
  way = createServer((client) => {
    connections += 1
    const server = connect(Number(target.port), target.hostname)
    client.pipe(server).pipe(client)
    for (const socket of [client, server]) socket.on('error', () => undefined)
  })
  way.listen(0, '127.0.0.1')
  await once(way, 'listening')
})

afterEach(async () => {
  program?.kill()
  if (program && program.exitCode === null && program.signalCode === null) await once(program, 'close')
  await new Promise((resolve) => way.close(resolve))
  await database.drop()
})

async function load(consumer: string): Promise<ChildProcess> {
  const url = new URL(database.url)
  url.port = String((way.address() as AddressInfo).port)
  program = spawn(
    process.execPath,
    ['--input-type=module', '--eval', INVOKE, join(CONSUMERS, consumer, 'handler.ts')],
    {
      env: { DATABASE_URL: url.href, DATABASE_AUTHENTICATION: 'password', KEEPER_FUNCTION: consumer },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  )
  expect(await once(program, 'message')).toContain('loaded')
  return program
}

async function invoke(child: ChildProcess, event: MskEvent): Promise<void> {
  child.send(event)
  expect(await once(child, 'message')).toContain('invoked')
}

test.each([
  ['price-consumer', 'price-updates', priceEvent],
  ['deal-consumer', 'deal-updates', dealEvent],
])('the %s connects at its first event, once, and stays connected', async (consumer, topic, eventOf) => {
  await watch(database.pool, {}, 45)
  const child = await load(consumer)
  expect(connections).toBe(0)
  for (const [count, price] of [50, 44, 60, 43].entries()) {
    const timestamp = `2026-02-20T12:3${count}:00`
    await invoke(child, mskEvent(topic, [{ value: eventOf({ current_price: price, timestamp }) }]))
    expect(connections).toBe(1)
  }
  const { rows } = await database.pool.query('select count(*)::integer as rows from price_history')
  expect(rows).toEqual([{ rows: 4 }])
})
