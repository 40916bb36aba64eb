import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { createOpenSearch, type OpenSearch } from '../lambdas/core/search/open-search.ts'
import * as TOPICS from '../lambdas/core/topics.ts'
import { freePort } from '../local/engines/ports.ts'
import type { Addresses, Launcher } from '../local/engines/service.ts'
import { SERVICES } from '../local/engines/services.ts'
import { eventsIndex, startMirror } from '../local/mirror.ts'
import { PriceStream } from './input.ts'
import { type Engines, type Group, type Sample, timed } from './measure.ts'

/** Events that one round of a peer sends. */
const EVENTS = 2_000
const DOWN_MS = 10_000
const STATE = join(import.meta.dirname, '..', '.local', 'bench-mirror')
const TOPIC = TOPICS.deals.name

/**
 * Kafka Connect's mirror, undisturbed and through faults. A round that loses an event, or has one twice, fails the bench:
 * this is the proof of docs/search.md as well.
 */
export async function mirrorBenches({ bootstrapServers }: Engines): Promise<Group> {
  await rm(STATE, { recursive: true, force: true })
  const places = { kafka: bootstrapServers }
  const opensearch = await startable('opensearch', places, await freePort(9_200, 9_299))
  const connect = await startable('connect', places, await freePort())
  const search = createOpenSearch({ SEARCH_ENDPOINT: opensearch.url }) as OpenSearch
  const kafka = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  const admin = kafka.admin()
  await Promise.all([producer.connect(), admin.connect()])
  await admin.createTopics({
    topics: Object.values(TOPICS).map(({ name }) => ({ topic: name, numPartitions: 3 })),
  })
  await startMirror({ connectUrl: connect.url, searchUrl: opensearch.url })
  const stream = new PriceStream(1)
  let sent = 0

  const mirrored = async (): Promise<number> => {
    try {
      await search.ask({ method: 'POST', path: `/${eventsIndex(TOPIC)}/_refresh` })
      const path = `/${eventsIndex(TOPIC)}/_count`
      return (await search.ask<{ count: number }>({ method: 'GET', path })).count
    } catch {
      return 0
    }
  }
  const round = (disturb: () => Promise<void>) => async (): Promise<Sample> => {
    const messages = Array.from({ length: EVENTS }, () => ({ value: stream.nextValue('deal').json }))
    const ms = await timed(async () => {
      await producer.send({ topic: TOPIC, messages })
      sent += EVENTS
      await disturb()
      const endMs = Date.now() + 300_000
      while ((await mirrored()) < sent) {
        if (Date.now() > endMs)
          throw new Error(`${await mirrored()} of ${sent} events are mirrored: some are lost.`)
        await sleep(100)
      }
    })
    if ((await mirrored()) !== sent)
      throw new Error(`${await mirrored()} documents of ${sent} events: some are twice.`)
    return { units: EVENTS, ms }
  }
  const killed = async ({ kill, start }: Startable) => {
    await sleep(500)
    await kill()
    await sleep(DOWN_MS)
    await start()
  }
  return {
    benches: [
      {
        group: 'mirror',
        name: 'Kafka Connect into OpenSearch',
        what: 'events a second from the topic to a document; every event is there once at the end',
        input: `${EVENTS} deals a round; a kill is SIGKILL, then ${DOWN_MS / 1_000} s and a start`,
        unit: 'events/s',
        peers: [
          { name: 'undisturbed', run: round(async () => undefined) },
          { name: 'OpenSearch killed', run: round(() => killed(opensearch)) },
          { name: 'Kafka Connect killed', run: round(() => killed(connect)) },
        ],
      },
    ],
    close: async () => {
      search.close()
      await Promise.all([producer.disconnect(), admin.disconnect()])
      await connect.stop()
      await opensearch.stop()
    },
  }
}

interface Startable {
  readonly url: string
  start(): Promise<void>
  /** As a crash does. */
  kill(): Promise<void>
  stop(): Promise<void>
}

async function startable(
  name: 'opensearch' | 'connect',
  addresses: Addresses,
  port: number,
): Promise<Startable> {
  const progress = (line: string) => void process.stderr.write(`${line}\n`)
  const found = await SERVICES[name].program.find({ stateDir: STATE, environment: process.env, progress })
  if ('missing' in found) throw new Error(found.missing.join(' '))
  const launcher: Launcher = found
  await launcher.prepare()
  let running = await launcher.start(port, addresses)
  return {
    url: running.address,
    start: async () => {
      running = await launcher.start(port, addresses)
    },
    kill: async () => {
      const { pid } = JSON.parse(await readFile(join(STATE, name, `${name}.pid`), 'utf8')) as { pid: number }
      process.kill(pid, 'SIGKILL')
    },
    stop: () => running.stop(),
  }
}
