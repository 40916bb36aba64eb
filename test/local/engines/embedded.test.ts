import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import pg from 'pg'
import { messageOf } from '../../../lambdas/core/errors.ts'
import type { Engine, EngineOptions } from '../../../local/engines/engine.ts'
import { bringJars } from '../../../local/engines/kafka/jars.ts'
import { freePort } from '../../../local/engines/ports.ts'
import { commandLine, waitForEnd } from '../../../local/engines/process-table.ts'
import { addressOf } from '../../../local/engines/service.ts'
import { startEngine } from '../../../local/engines/start-engine.ts'
import { KAFKA_DIR } from '../../helpers/engine-room.ts'
import { testKafka } from '../../helpers/kafka.ts'
import { ownDir } from '../../helpers/stoppable.ts'

/** Programs that start, or bundles that are made, take long beside other work. */
jest.setTimeout(180_000)

/** The compiler's first level alone: brokers that live for seconds take a third less of the processor. */
const QUICK = { ...process.env, JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1' }

let stateDir: string
let said: string[] = []
const programs: ChildProcess[] = []
const engines: Engine[] = []

/** A state folder in which Maven has been already. */
const stateDirWithJars = async (): Promise<string> => {
  const dir = await ownDir('state')
  const jars = await bringJars(KAFKA_DIR, process.env, () => undefined)
  await mkdir(join(dir, 'kafka'))
  await symlink(jars, join(dir, 'kafka', basename(jars)))
  return dir
}
beforeAll(async () => {
  stateDir = await stateDirWithJars()
})
afterEach(async () => {
  for (const program of programs.splice(0)) program.kill('SIGKILL')
  await Promise.all(engines.splice(0).map((engine) => engine.stop()))
})

const start = async (options: Partial<EngineOptions> = {}): Promise<Engine> => {
  said = []
  const engine = await startEngine({
    stateDir,
    kind: 'embedded',
    services: ['kafka', 'postgres'],
    ports: { kafka: await freePort(), postgres: await freePort() },
    progress: (line) => said.push(line),
    environment: QUICK,
    ...options,
  })
  engines.push(engine)
  return engine
}

const hold = async () => {
  const port = await freePort()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { port, server }
}

const query = async <T extends object>(databaseUrl: string, sql: string): Promise<T[]> => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  return client
    .query<T>(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

const pids = async (): Promise<{ kafka: number; postgres: number }> => {
  const read = async (file: string) => JSON.parse(await readFile(join(stateDir, file), 'utf8')).pid as number
  return { kafka: await read('kafka/kafka.pid'), postgres: await read('postgres.pid') }
}

/** The program run-engine.ts in a process group of its own, as a terminal runs it; resolves when it is ready. */
const runProgram = async () => {
  const args = [
    join(import.meta.dirname, 'run-engine.ts'),
    stateDir,
    `${await freePort()}`,
    `${await freePort()}`,
  ]
  const program = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: QUICK,
  })
  programs.push(program)
  let output = ''
  const exited = new Promise<void>((resolve) => program.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    for (const stream of [program.stdout, program.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (output.includes('ready ')) resolve()
      })
    }
    void exited.then(() => reject(new Error(output)))
  })
  return { program, pid: program.pid ?? 0, exited, output: () => output }
}

test('data survives a restart on other ports, where theirs are taken, and fresh starts empty', async () => {
  const first = await start()
  expect(first.kind).toBe('embedded')
  await query(addressOf(first, 'postgres'), 'CREATE TABLE kept AS SELECT 42 AS answer')
  const before = await testKafka(addressOf(first, 'kafka'))
  const topic = await before.freshTopic('kept', { partitions: 1 })
  await before.produce(topic, [{ value: 'kept' }])
  await before.close()
  const { kafka, postgres } = await pids()
  await first.stop()
  expect(await Promise.all([commandLine(kafka), commandLine(postgres)])).toEqual([undefined, undefined])

  const holders = [await hold(), await hold()] as const
  const second = await start({ ports: { kafka: holders[0].port, postgres: holders[1].port } })
  expect(said).toContain(
    `Port ${holders[0].port} is taken by another program: Kafka uses ${addressOf(second, 'kafka').split(':')[1]}.`,
  )
  expect(said).toContain(
    `Port ${holders[1].port} is taken by another program: Postgres uses ${new URL(addressOf(second, 'postgres')).port}.`,
  )
  expect(await query(addressOf(second, 'postgres'), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  const after = await testKafka(addressOf(second, 'kafka'))
  expect((await after.readAll(topic)).map(({ value }) => value?.toString())).toEqual(['kept'])
  await after.close()
  await second.stop()
  for (const { server } of holders) {
    expect(server.listening).toBe(true)
    server.close()
  }

  const third = await start({ fresh: true })
  await expect(query(addressOf(third, 'postgres'), 'SELECT answer FROM kept')).rejects.toMatchObject({
    code: '42P01',
  })
  const empty = await testKafka(addressOf(third, 'kafka'))
  expect(await empty.admin.listTopics()).not.toContain(topic)
  await empty.close()
})

test('Ctrl-C reaches only us: the engine answers until we stop it', async () => {
  const { pid, exited, output } = await runProgram()
  const children = await pids()
  process.kill(-pid, 'SIGINT')
  await exited
  expect(output()).toMatch(/Postgres answers after SIGINT\nstopped\n/)
  expect(output()).not.toContain('Warning')
  expect(await commandLine(children.kafka)).toBeUndefined()
  expect(await commandLine(children.postgres)).toBeUndefined()
})

test('a second run refuses while the first is alive; what it started ends with it, even when it is killed', async () => {
  const { pid, exited } = await runProgram()
  const children = await pids()
  await expect(start()).rejects.toMatchObject({
    code: 'engine_already_running',
    message: expect.stringContaining(`Process ${pid} `),
  })
  // As root in a closed folder, Postgres keeps its data outside, and the state folder has a link to it.
  expect(await commandLine(children.postgres)).toContain(await realpath(join(stateDir, 'postgres')))

  process.kill(pid, 'SIGKILL')
  await exited
  expect(await waitForEnd(children.kafka, 60_000)).toBe(true)
  expect(await waitForEnd(children.postgres, 60_000)).toBe(true)
  const engine = await start()
  expect(await query(addressOf(engine, 'postgres'), `SELECT current_setting('TimeZone') AS zone`)).toEqual([
    { zone: 'UTC' },
  ])
})

test('a broker that dies at start is reported with the end of its log, and Postgres is stopped', async () => {
  const dir = await stateDirWithJars()
  await mkdir(join(dir, 'kafka', 'data'))
  // Data of another node: Kafka refuses it.
  await writeFile(
    join(dir, 'kafka', 'data', 'meta.properties'),
    'version=1\ncluster.id=a2VlcGVyLWxvY2FsLTAwMQ\nnode.id=7\n',
  )
  const failure = await start({ stateDir: dir }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'kafka_not_started' })
  expect(messageOf(failure)).toMatch(
    /^Kafka ended while it started\. Its log .*kafka\.log\) ends with:\n[\s\S]*node/,
  )
  expect(existsSync(join(dir, 'postgres.pid'))).toBe(false)
})

test('two that start at once on the same port have brokers of their own, and the one that lost it says so', async () => {
  const other = await stateDirWithJars()
  const kafka = await freePort()
  const lines: string[] = []
  const both = await Promise.all(
    [stateDir, other].map((dir) =>
      startEngine({
        ...{ stateDir: dir, kind: 'embedded', services: ['kafka'], ports: { kafka } },
        ...{ fresh: true, progress: (line: string) => lines.push(line), environment: QUICK },
      }),
    ),
  )
  engines.push(...both)
  const addresses = both.map((engine) => addressOf(engine, 'kafka'))
  expect(new Set(addresses).size).toBe(2)
  expect(addresses).toContain(`localhost:${kafka}`)
  expect(lines.filter((line) => line.startsWith(`Port ${kafka} `))).toHaveLength(1)
})
