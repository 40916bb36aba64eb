import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { runCommand } from '../../../local/engines/commands.ts'
import { findDocker, projectOf } from '../../../local/engines/compose.ts'
import type { Engine } from '../../../local/engines/engine.ts'
import { freePort } from '../../../local/engines/ports.ts'
import { addressOf } from '../../../local/engines/service.ts'
import { startEngine } from '../../../local/engines/start-engine.ts'
import { testKafka } from '../../helpers/kafka.ts'
import { ownDir } from '../../helpers/stoppable.ts'

/** local/docker-compose.yml on a real Docker engine, where there is one. */
const docker = await findDocker(process.env)
const describeWithDocker = 'version' in docker ? describe : describe.skip

/** Kafka's own tool, which goes where the broker's inner listener advertises. */
const DESCRIBE_TOPIC = [
  ...['java', '-cp', '/opt/kafka/libs/*', 'kafka.admin.ConfigCommand'],
  ...['--bootstrap-server', 'kafka:29092', '--describe', '--topic', 'kept'],
]

const states: string[] = []
const engines: Engine[] = []

async function start(stateDir: string, fresh = false): Promise<Engine> {
  const engine = await startEngine({
    stateDir,
    services: ['kafka', 'postgres'],
    kind: 'compose',
    ports: { kafka: await freePort(), postgres: await freePort() },
    fresh,
    progress: () => undefined,
    environment: process.env,
  })
  engines.push(engine)
  return engine
}

async function compose(stateDir: string, ...args: string[]): Promise<string> {
  const whole = ['compose', '--project-name', projectOf(stateDir), ...args]
  const result = await runCommand('docker', whole, { environment: process.env, timeoutMs: 60_000 })
  if (result.outcome !== 'exited' || result.code !== 0) throw new Error(JSON.stringify(result))
  return result.stdout
}

const running = async (stateDir: string): Promise<readonly string[]> =>
  (await compose(stateDir, 'ps', '--services', '--status', 'running')).split('\n').filter(Boolean).sort()

async function query<Row extends object>(engine: Engine, sql: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: addressOf(engine, 'postgres') })
  await client.connect()
  return client
    .query<Row>(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

/** What a topic of the engine's Kafka holds, once `value` is in it. */
async function sendAndRead(engine: Engine, topic: string, value?: string): Promise<readonly string[]> {
  const kafka = await testKafka(addressOf(engine, 'kafka'))
  if (value !== undefined) await kafka.produce(topic, [{ value }])
  const messages = await kafka.readAll(topic)
  await kafka.close()
  return messages.map((message) => String(message.value)).sort()
}

describeWithDocker('containers', () => {
  beforeAll(async () => {
    states.push(await ownDir('docker'), await ownDir('docker'))
  })
  afterAll(async () => {
    for (const engine of engines) await engine.stop().catch(() => undefined)
    for (const state of states) await compose(state, 'down', '--volumes')
  }, 120_000)

  test('answer inside and outside, keep data when they are stopped or killed, and leave those of another state alone', async () => {
    const [state = '', other = ''] = states
    const first = await start(state)
    expect(await running(state)).toEqual(['kafka', 'postgres'])
    const health = await compose(state, 'ps', '--format', '{{.Service}} {{.Health}}')
    expect(health.split('\n').filter(Boolean).sort()).toEqual(['kafka healthy', 'postgres healthy'])

    // Outside: a topic is made and read at the address that the broker advertises to this machine.
    expect(await sendAndRead(first, 'kept', 'one')).toEqual(['one'])
    await query(first, 'create table kept as select 42 as answer')
    // Inside: another container finds both by their names.
    await compose(state, 'exec', '-T', 'postgres', 'bash', '-c', 'exec 3<>/dev/tcp/kafka/29092')
    await compose(state, 'exec', '-T', 'kafka', 'bash', '-c', 'exec 3<>/dev/tcp/postgres/5432')
    const described = await compose(state, 'exec', '-T', 'kafka', ...DESCRIBE_TOPIC)
    expect(described).toContain('topic kept')

    const second = await start(other)
    expect(await sendAndRead(second, 'kept', 'other')).toEqual(['other'])
    await expect(query(second, 'select answer from kept')).rejects.toMatchObject({ code: '42P01' })

    await first.stop()
    expect([await running(state), await running(other)]).toEqual([[], ['kafka', 'postgres']])
    const again = await start(state)
    expect(await query(again, 'select answer from kept')).toEqual([{ answer: 42 }])
    expect(await sendAndRead(again, 'kept', 'two')).toEqual(['one', 'two'])

    await compose(state, 'kill')
    const afterKill = await start(state)
    expect(await query(afterKill, 'select answer from kept')).toEqual([{ answer: 42 }])
    expect(await sendAndRead(afterKill, 'kept')).toEqual(['one', 'two'])
    await afterKill.stop()
    const empty = await start(state, true)
    await expect(query(empty, 'select answer from kept')).rejects.toMatchObject({ code: '42P01' })
    await empty.stop()
    expect(await running(other)).toEqual(['kafka', 'postgres'])
  }, 600_000)
})
