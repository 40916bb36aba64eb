import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import { readState } from '../../../local/run-state.ts'
import { type OwnBroker, ownBroker } from '../../helpers/own-broker.ts'
import { ownDir } from '../../helpers/stoppable.ts'
import { until } from '../until.ts'

/** The app of docs/local-aws.md, word for word, synthesized and run by the command line with a broker of its own. */

const ROOT = join(import.meta.dirname, '..', '..', '..')

let broker: OwnBroker
let directory: string
let stateDirectory: string
let child: ChildProcess
let said = ''
let ended: Promise<unknown[]>

beforeAll(async () => {
  ;[broker, directory] = await Promise.all([ownBroker(), ownDir('shop')])
  const page = await readFile(join(ROOT, 'docs', 'local-aws.md'), 'utf8')
  const [, source = ''] = /```js\n(import \{ App.*?)```/s.exec(page) ?? []
  await writeFile(join(directory, 'app.mjs'), source)
  // A module's package around it, as many apps are; the handler's CommonJS runs all the same.
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  await promisify(execFile)(process.execPath, ['app.mjs'], { cwd: directory })
  stateDirectory = join(directory, 'state')
  const { DATABASE_URL: _, ...environment } = process.env
  child = spawn(
    process.execPath,
    ['local/run.ts', '--assembly', join(directory, 'cdk.out'), '--state', stateDirectory],
    {
      cwd: ROOT,
      env: { ...environment, KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  ended = once(child, 'close')
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said += chunk
    })
  }
  await until(() => {
    if (child.exitCode !== null) throw new Error(`The run ended:\n${said}`)
    return readState(join(stateDirectory, 'run.json'))
  })
})

afterAll(async () => {
  child.kill('SIGINT')
  await ended
  await broker.giveBack()
})

test("another app's assembly runs, is told of as it is, and stops when told", async () => {
  await reachesItsHandler()
  await saysWhatRuns()
  saysItsParts()
  child.kill('SIGINT')
  const [code] = await ended
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('has stopped') })
})

/** A message that is sent to its topic reaches its handler. */
async function reachesItsHandler(): Promise<void> {
  const kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] })
  await admin.disconnect()
  expect(topics[0]?.partitions).toHaveLength(2)
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ value: 'order 4711' }] })
  await producer.disconnect()
  const log = () => readFile(join(stateDirectory, 'logs', 'Billing.log'), 'utf8').catch(() => '')
  await until(async () => (await log()).includes('order 4711'))
  await until(() => said.includes('orders 1 sent, lag 0'))
}

/** run.json says what runs, and that there is neither Postgres nor market. */
async function saysWhatRuns(): Promise<void> {
  const state = await readState(join(stateDirectory, 'run.json'))
  expect(state).toEqual({
    pid: child.pid,
    engine: 'external',
    kafka: broker.bootstrapServers,
    databaseUrl: null,
    lambdaUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    awsUrl: state?.lambdaUrl,
    searchUrl: null,
    connectUrl: null,
    linksUrl: null,
    marketUrl: null,
    consoleUrl: null,
  })
}

/** Its parts, and nothing of Keeper. */
function saysItsParts(): void {
  expect(said).toContain('topics created: orders')
  expect(said).toContain('Billing: ready.')
  expect(said).toMatch(/without a part here: \d+ of IAM, networks, logs and the CDK/)
  expect(said).not.toMatch(/Keeper|watches|market/)
}
