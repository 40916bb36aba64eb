import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Partitioners } from 'kafkajs'
import * as ENVIRONMENT from '../lambdas/core/environment-names.ts'
import { readState } from '../local/run-state.ts'
import { benchDatabase } from './database.ts'
import { type Engines, type Group, type Peer, timed } from './measure.ts'
import { type BenchTopics, benchTopics } from './topics.ts'

const ROOT = join(import.meta.dirname, '..')
const MAX_WAIT_MS = 120_000

/** Small records in one topic, sent in batches. */
const RECORDS = 1_000_000
const BATCH = 10_000

/** Prints the most memory that the process had resident, in KiB, as its last line. */
const SAY_MEMORY =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("\\n"+process.resourceUsage().maxRSS))'

/** The command line: what a person waits for, and what it takes of a topic with many records. */
export async function cliBenches({ databaseUrl, bootstrapServers }: Engines): Promise<Group> {
  const database = await benchDatabase(databaseUrl, 'bench_cli')
  const state = await mkdtemp(join(tmpdir(), 'keeper-bench-'))
  const topics = await benchTopics(bootstrapServers, 'bench-cli')
  const topic = await topics.fresh(3)
  await fill(topics, topic)
  const local = await startLocal(state, { bootstrapServers, databaseUrl: database.url })

  const keeper = async (args: readonly string[], expected = 0): Promise<number> => {
    const flags = ['--import', SAY_MEMORY, join(ROOT, 'cli', 'keeper.js'), '--state', state]
    const child = spawn(process.execPath, [...flags, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const [code] = await once(child, 'close')
    if (code !== expected) throw new Error(`keeper ${args.join(' ')} ended with ${code}: ${said}`)
    return Number(said.split('\n').at(-1)) * 1_024
  }
  // Milliseconds and megabytes, in the place of a rate.
  const time = (...args: readonly string[]): Peer => ({
    name: `keeper ${args.join(' ').replace(topic, 'TOPIC')}`,
    run: async () => ({ units: await timed(() => keeper(args)), ms: 1_000 }),
  })
  const memory = (...args: readonly string[]): Peer => ({
    name: `keeper ${args.join(' ').replace(topic, 'TOPIC')}`,
    run: async () => ({ units: (await keeper(args)) / 1_000_000, ms: 1_000 }),
  })
  const large = `a topic of ${RECORDS.toLocaleString('en')} records of 20 bytes in three partitions`
  return {
    benches: [
      {
        group: 'cli',
        name: 'waiting for a command',
        what: 'milliseconds from start to end, of a process of its own; the operator is warm',
        input: 'a local Keeper without schedules',
        unit: 'ms',
        peers: [time('--help'), time('topics', 'list'), time('status')],
      },
      {
        group: 'cli',
        name: 'a topic of many records',
        what: 'milliseconds from start to end',
        input: large,
        unit: 'ms',
        peers: [
          time('topics', 'count', topic),
          time('messages', 'read', topic, '-n', '5'),
          time('messages', 'read', topic, '-o', '-5'),
          time('messages', 'read', topic, '-n', '100000'),
        ],
      },
      {
        group: 'cli',
        name: 'memory for a topic of many records',
        what: 'megabytes that the process had at most',
        input: large,
        unit: 'MB',
        peers: [
          memory('topics', 'count', topic),
          memory('messages', 'read', topic, '-n', '5'),
          memory('messages', 'read', topic, '-n', '100000'),
        ],
      },
    ],
    close: async () => {
      local.kill('SIGINT')
      if (local.exitCode === null) await once(local, 'close')
      await topics.close()
      await rm(state, { recursive: true, force: true })
      await database.drop()
    },
  }
}

async function startLocal(
  state: string,
  engines: { readonly bootstrapServers: string; readonly databaseUrl: string },
): Promise<ChildProcess> {
  const args = ['--state', state, '--engine', 'external', '--no-schedules']
  const local = spawn(process.execPath, [join(ROOT, 'local', 'run.ts'), ...args], {
    env: {
      ...process.env,
      [ENVIRONMENT.bootstrapServers]: engines.bootstrapServers,
      [ENVIRONMENT.databaseUrl]: engines.databaseUrl,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const deadline = performance.now() + MAX_WAIT_MS
  while (performance.now() < deadline && local.exitCode === null) {
    if (await readState(join(state, 'run.json'))) return local
    await sleep(100)
  }
  throw new Error('npm run local did not start.')
}

async function fill({ kafka }: BenchTopics, topic: string): Promise<void> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  for (let sent = 0; sent < RECORDS; sent += BATCH) {
    const messages = Array.from({ length: BATCH }, (_, index) => ({
      value: `record ${String(sent + index).padStart(13, '0')}`,
      partition: index % 3,
    }))
    await producer.send({ topic, messages })
  }
  await producer.disconnect()
}
