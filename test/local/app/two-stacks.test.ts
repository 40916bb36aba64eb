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

/** The app of docs/local-aws.md made twice, with the same construct ids, and a mapping beside it that AWS refuses. */

const ROOT = join(import.meta.dirname, '..', '..', '..')

let broker: OwnBroker
let stateDirectory: string
let child: ChildProcess
let said = ''
let ended: Promise<unknown[]>

/** The documented app with its stack in a loop over two. */
async function writeApp(directory: string): Promise<void> {
  const page = await readFile(join(ROOT, 'docs', 'local-aws.md'), 'utf8')
  const [, source = ''] = /```js\n(import \{ App.*?)```/s.exec(page) ?? []
  const [imports = '', app = '', ...rest] = source.trim().split('\n')
  const stack = rest.slice(0, -1).join('\n').replace("'shop'", 'name').replaceAll("'orders'", 'topic')
  const refused = `if (name === 'b') new lambda.CfnEventSourceMapping(stack, 'Refused', {
    functionName: target.functionName, topics: ['tc'], startingPosition: 'LATEST', batchSize: 0, eventSourceArn: clusterArn })`
  await writeFile(
    join(directory, 'app.mjs'),
    `${imports}\n${app}\nfor (const [name, topic] of [['a', 'ta'], ['b', 'tb']]) {\n${stack}\n${refused}\n}\napp.synth()\n`,
  )
}

beforeAll(async () => {
  const [own, directory] = await Promise.all([ownBroker(), ownDir('twice')])
  broker = own
  await writeApp(directory)
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

test('two stacks with the same construct ids both get their messages, and a run without a part says so and ends with 3', async () => {
  const producer = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  for (const topic of ['ta', 'tb']) await producer.send({ topic, messages: [{ value: `to ${topic}` }] })
  await producer.disconnect()
  for (const [name, topic] of [
    ['a', 'ta'],
    ['b', 'tb'],
  ]) {
    const log = () => readFile(join(stateDirectory, 'logs', `${name}-Billing.log`), 'utf8').catch(() => '')
    await until(async () => (await log()).includes(`to ${topic}`))
    expect(await log()).not.toContain(`to ${topic === 'ta' ? 'tb' : 'ta'}`)
  }
  child.kill('SIGINT')
  const [code] = await ended
  const lines = said.trim().split('\n')
  expect(code).toBe(3)
  expect(lines.at(-1)).toContain('not all of the app runs: 1 part could not, see above')
  expect(said).toContain('b/Refused (AWS::Lambda::EventSourceMapping): AWS refuses')
  const notes = await readFile(join(stateDirectory, 'notes.txt'), 'utf8')
  expect(notes).toContain('AWS refuses this mapping: BatchSize is 0, and Lambda takes 1 to 10000.')
  // Lines that say something long lead to a file; a hint may hold a whole command.
  const started = lines.slice(
    0,
    lines.findIndex((line) => line.includes('ready.')),
  )
  for (const line of started) expect(line.length).toBeLessThanOrEqual(100)
})
