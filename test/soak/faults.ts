import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { makeTopics } from '../../local/cloud/kafka/topics.ts'
import type { FaultyProxy } from '../helpers/faulty-proxy.ts'
import { testKafka } from '../helpers/kafka.ts'
import { type Stoppable, signal } from '../helpers/stoppable.ts'
import { numbers, until } from '../local/until.ts'
import type { Engines } from './engines.ts'
import { kill, type LocalRun } from './local-run.ts'
import type { Fault, Part } from './nemesis.ts'
import { addUser, changeWatches } from './people.ts'
import { type Producers, TOPIC } from './producers.ts'
import type { Mood, Receiver } from './receiver.ts'
import { settled } from './stored.ts'

/** Everything that a soak runs. */
export interface Scene {
  readonly engines: Engines
  readonly run: LocalRun
  readonly producers: Producers
  readonly receiver: Receiver
}

const GROUP = 'keeper-consumer-group'
const CODECS = ['zstd', 'snappy', 'lz4', 'gzip', 'producer']
const MOST_PARTITIONS = 8

/** Every kind of fault, by what it is called in the history. */
export function allFaults(scene: Scene): Readonly<Record<string, Fault>> {
  const { engines, run, receiver } = scene
  const { broker, postgres, kafkaNetwork, postgresNetwork } = engines
  return {
    'Postgres is killed': away('postgres', postgres, postgres.crash, 2_000),
    'Postgres is stopped in order': away('postgres', postgres, postgres.stop, 2_000),
    'Postgres stands still': paused('postgres', postgres, 7_000),
    'Postgres is read-only': forA(
      'postgres',
      3_000,
      () => readOnly(engines),
      () => writable(engines),
    ),
    'Postgres has no connection left': during('postgres', 3_000, (ms) => withoutConnections(engines, ms)),
    'the broker is killed': away('broker', broker, broker.crash, 2_000),
    'the broker is stopped in order': away('broker', broker, broker.stop, 2_000),
    'the broker stands still': paused('broker', broker, 9_000),
    ...network('Postgres', 'postgres network', postgresNetwork),
    ...network('Kafka', 'kafka network', kafkaNetwork),
    'the functions are killed': during('functions', 1, async () => kill(await run.functions())),
    'the functions stand still': during('functions', 4_000, async (ms) => {
      const pids = await run.functions()
      signal(pids, 'SIGSTOP')
      await sleep(ms)
      signal(pids, 'SIGCONT')
    }),
    'the run ends by Ctrl-C and begins again': restarted(run, 'SIGINT'),
    'the run is killed and begins again': restarted(run, 'SIGKILL'),
    'the run stands still': forA(
      'run',
      6_000,
      async () => run.signal('SIGSTOP'),
      async () => run.signal('SIGCONT'),
    ),
    'the group is read again from the start': during('run', 1, () => reset(run)),
    'the run is killed while a group is reset': during('run', 4_000, async (ms) => {
      const resetting = run.keeper('groups', 'reset', GROUP, '--to', 'start').catch(() => undefined)
      await sleep(ms)
      await run.end('SIGKILL')
      await resetting
      await run.start()
    }),
    'rejected records are redriven': during('people', 1, () => run.keeper('rejected', 'redrive', '--all')),
    'watches change': {
      part: 'people',
      plan: (draw) => {
        const target = 15 + draw(30)
        return { text: `to ${target}`, happen: () => changeWatches(engines, target) }
      },
    },
    'a user comes': {
      part: 'people',
      plan: (draw) => {
        const [number, target] = [draw(1_000_000), 15 + draw(30)]
        return {
          text: `with targets of ${target}`,
          happen: async () => void (await addUser(engines, `late-${number}@test`, target)),
        }
      },
    },
    'webhooks fail': mood(receiver, 'fail'),
    'webhooks hang': mood(receiver, 'hang'),
    'webhooks cut the answer': mood(receiver, 'cut'),
    'partitions are added': during('all', 1, () => addPartition(engines)),
    'the topic is recreated': {
      part: 'all',
      plan: (draw) => {
        const codec = CODECS[draw(CODECS.length)] ?? ''
        return { text: codec, happen: () => recreateTopic(scene, codec) }
      },
    },
  }
}

/** Something that takes a time of up to `mostMs`. */
const during = (part: Part, mostMs: number, happen: (ms: number) => Promise<void>): Fault => ({
  part,
  plan: (draw) => {
    const ms = draw(mostMs)
    return { text: ms > 0 ? `${ms} ms` : '', happen: () => happen(ms) }
  },
})

/** A state that begins and ends. */
const forA = (part: Part, mostMs: number, begin: () => Promise<void>, end: () => Promise<void>): Fault =>
  during(part, mostMs, async (ms) => {
    try {
      await begin()
      await sleep(ms)
    } finally {
      await end()
    }
  })

const away = (part: Part, engine: Stoppable, end: () => Promise<void>, mostMs: number): Fault =>
  forA(part, mostMs, end, engine.start)

const paused = (part: Part, { pause, resume }: Stoppable, mostMs: number): Fault =>
  forA(part, mostMs, pause, resume)

function network(name: string, part: Part, proxy: FaultyProxy): Record<string, Fault> {
  const heal = async () => proxy.heal()
  return {
    [`the network to ${name} freezes`]: forA(part, 8_000, async () => proxy.freeze(), heal),
    [`the network to ${name} is slow`]: forA(part, 5_000, async () => proxy.delay(400), heal),
    [`the network to ${name} is cut`]: during(part, 1, async () => proxy.cut()),
    [`the network to ${name} is half closed`]: during(part, 1, async () => proxy.halfClose()),
  }
}

const restarted = (run: LocalRun, how: 'SIGINT' | 'SIGKILL'): Fault =>
  during('run', 500, async (ms) => {
    await run.end(how)
    await sleep(ms)
    await run.start()
  })

const mood = (receiver: Receiver, wanted: Mood): Fault =>
  forA(
    'people',
    5_000,
    async () => {
      receiver.mood = wanted
    },
    async () => {
      receiver.mood = 'ok'
    },
  )

/** A reset that fails half-way may leave its mapping disabled, as the template's run does not. */
async function reset(run: LocalRun): Promise<void> {
  try {
    await run.keeper('groups', 'reset', GROUP, '--to', 'start')
  } catch (error) {
    await run.end('SIGINT')
    await run.start()
    throw error
  }
}

async function readOnly({ query }: Engines): Promise<void> {
  await query('alter system set default_transaction_read_only = on')
  await query('select pg_reload_conf()')
}

async function writable({ query }: Engines): Promise<void> {
  await query('alter system reset default_transaction_read_only')
  await query('select pg_reload_conf()')
}

/** Takes every connection that is left, and those of Keeper. */
async function withoutConnections({ postgres, query }: Engines, ms: number): Promise<void> {
  const clients = numbers(110).map(() => {
    const client = new pg.Client({ connectionString: postgres.databaseUrl, application_name: 'nemesis' })
    client.on('error', () => undefined)
    return client
  })
  await query(
    "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
  )
  const connected = await Promise.allSettled(clients.map((client) => client.connect()))
  await sleep(ms)
  await Promise.all(
    clients.map((client, index) =>
      connected[index]?.status === 'fulfilled' ? client.end().catch(() => undefined) : undefined,
    ),
  )
}

async function addPartition({ broker }: Engines): Promise<void> {
  const kafka = await testKafka(broker.bootstrapServers)
  try {
    const count = (await kafka.admin.fetchTopicOffsets(TOPIC)).length
    if (count >= MOST_PARTITIONS) return
    await kafka.admin.createPartitions({ topicPartitions: [{ topic: TOPIC, count: count + 1 }] })
  } finally {
    await kafka.close()
  }
}

/** Deletes the topic once all that was acknowledged is stored, and recreates it, compressed by another codec. */
async function recreateTopic({ engines, producers }: Scene, codec: string): Promise<void> {
  await producers.shut()
  const kafka = await testKafka(engines.broker.bootstrapServers)
  try {
    const left = await settled(engines, producers, 120_000)
    if (left.length > 0) throw new Error(`${left.length} records are not stored yet: it is left as it is`)
    const numPartitions = (await kafka.admin.fetchTopicOffsets(TOPIC)).length
    await kafka.admin.deleteTopics({ topics: [TOPIC] })
    await until(async () => !(await kafka.admin.listTopics()).includes(TOPIC))
    const configEntries = [{ name: 'compression.type', value: codec }]
    await makeTopics(kafka.admin, [{ topic: TOPIC, numPartitions, configEntries }])
  } finally {
    await kafka.close()
    producers.open()
  }
}
