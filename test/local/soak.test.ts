import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import pg from 'pg'
import { KeeperError } from '../../lambdas/core/errors.ts'
import type { TopicProducer } from '../../lambdas/core/kafka/topic-producer.ts'
import { LocalCloud } from '../../local/cloud/cloud.ts'
import { makeTopics } from '../../local/cloud/kafka/topics.ts'
import { readAssembly } from '../../local/cloud/template/assembly.ts'
import { readTemplate, type Template } from '../../local/cloud/template/template.ts'
import { localVariables } from '../../local/differences.ts'
import { synthesize } from '../../local/synth.ts'
import { closeProducers, openProducer } from '../core/kafka/sending.ts'
import { testKafka } from '../helpers/kafka.ts'
import { priceEvent } from '../helpers/msk-events.ts'
import { ownDir, type Stoppable, stoppableBroker, stoppablePostgres } from '../helpers/stoppable.ts'
import { numbers, until } from './until.ts'

/**
 * Events are sent, by our producer and by one with headers of any name, while the broker, Postgres, the pollers and the
 * functions' processes end at random and come back, backends of Postgres are halted, and the topic is recreated with
 * another codec. SOAK_SECONDS makes it last, SOAK_SEED draws the same faults once more.
 */
const SECONDS = Number(process.env.SOAK_SECONDS ?? 20)
const SEED = Number(process.env.SOAK_SEED ?? Date.now() % 100_000)

const run = promisify(execFile)
const ASINS = numbers(10).map((number) => `B00000000${number}`)
const TOPIC = 'soak'
const CODECS = ['zstd', 'snappy', 'lz4', 'gzip', 'producer']
/** How long a backend is halted. */
const HALT_MS = 2_000

let broker: Awaited<ReturnType<typeof stoppableBroker>>
let postgres: Awaited<ReturnType<typeof stoppablePostgres>>
let template: Template
let directory: string
let cloud: LocalCloud | undefined
let foreign: Producer | undefined
let killed = 0
let recreated = 0
/** Closed while the topic is recreated: what is acknowledged and not yet read would be lost with it. */
let gate: Promise<void> = Promise.resolve()
let inFlight: Promise<unknown> = Promise.resolve()
const acknowledged: string[] = []

beforeAll(async () => {
  ;[broker, postgres, directory] = await Promise.all([stoppableBroker(), stoppablePostgres(), ownDir('soak')])
  const kafka = await testKafka(broker.bootstrapServers)
  await makeTopics(kafka.admin, [{ topic: TOPIC, numPartitions: 3 }])
  await kafka.close()
  await synthesize(join(directory, 'cdk.out'), new AbortController().signal)
  // A rule names a resource that is resolved only where it runs.
  const whole = readTemplate(await readAssembly(join(directory, 'cdk.out')), () => undefined)
  template = priceConsumerOf(whole)
})
afterAll(async () => {
  await closeProducers()
  await foreign?.disconnect()
  await cloud?.stop(0)
  await Promise.all([broker.dispose(), postgres.dispose()])
})

test(
  'whatever ends at random, each acknowledged record is in the tables or the quarantine, once',
  async () => {
    await query(
      `insert into watched_products (asin, domain, title, currency) select asin, 'de', asin, 'EUR' from unnest($1::text[]) as asin`,
      [ASINS],
    )
    await query(
      `with owner as (insert into users (email) values ('soak@test') returning id)
       insert into watches (user_id, product_id, target_price, status)
       select owner.id, product.id, 20, 'ACTIVE' from owner, watched_products as product`,
    )
    startCloud()
    const end = new AbortController()
    const sending = sendUntil(end.signal)
    await makeTrouble(Date.now() + SECONDS * 1_000)
    end.abort()
    const sent = await sending
    await until(async () => includesAll(await stored(), acknowledged), 120_000).catch(async () => {
      const missing = acknowledged.filter(
        (
          (found) => (id: string) =>
            !found.has(id)
        )(new Set(await stored())),
      )
      throw new Error(
        `seed ${SEED}: ${missing.length} of ${acknowledged.length} lost: ${missing.slice(0, 5)}`,
      )
    })

    const ids = await stored()
    expect({ seed: SEED, twice: ids.length - new Set(ids).size }).toEqual({ seed: SEED, twice: 0 })
    expect({ seed: SEED, neverSent: ids.filter((id) => !sent.has(id)) }).toEqual({
      seed: SEED,
      neverSent: [],
    })
    expect((await historyIds()).length).toBeGreaterThan(SECONDS)
    expect((await quarantinedIds()).length).toBeGreaterThan(0)
    expect([killed > 0, recreated > 0]).toEqual([true, true])
    expect(await query(NOT_NEWEST)).toEqual([])
    expect(await query(NOT_ALERTED)).toEqual([])
  },
  SECONDS * 1_000 + 900_000,
)

/** Products whose current price is not their newest. */
const NOT_NEWEST = `
select asin
from watched_products as product
join lateral (
  select recorded_at, price from price_history where product_id = product.id order by recorded_at desc limit 1
) as newest on true
where product.price_at <> newest.recorded_at or product.current_price <> newest.price`

/** Watches that have not one alert pending where a price met their target, or have one where none did. */
const NOT_ALERTED = `
select watch.id
from watches as watch
where (select count(*) from price_alerts where watch_id = watch.id and status = 'PENDING') <> (
  select least(count(*), 1) from price_history
  where product_id = watch.product_id and price <= watch.target_price * 1.01
)`

/** Sends unique prices, and a poison now and then, and goes on whatever becomes of them. */
async function sendUntil(signal: AbortSignal) {
  const sent = new Set<string>()
  const producer = openProducer(broker.bootstrapServers, TOPIC)
  for (let number = 0; !signal.aborted; ) {
    await gate
    const batch = numbers(10).map((index) => messageOf(number + index))
    number += batch.length
    for (const { id } of batch) sent.add(id)
    inFlight = Promise.all(
      batch.map((message, index) =>
        index % 5 === 4 ? sendWithHeaders(message) : acknowledge(producer, message),
      ),
    )
    await inFlight
    await sleep(20)
  }
  return sent
}

interface Message {
  readonly id: string
  readonly key: string
  readonly value: string
}

/** As a producer of others would, whose retries may write a record twice. */
async function sendWithHeaders({ id, key, value }: Message): Promise<void> {
  const headers = Object.fromEntries(['constructor', '__proto__', 'trace'].map((name) => [name, [id, id]]))
  try {
    foreign ??= await openForeign()
    await foreign.send({ topic: TOPIC, acks: -1, messages: [{ key, value, headers }] })
    acknowledged.push(id)
  } catch {
    // Whether the broker has it is not known, as below.
  }
}

async function openForeign(): Promise<Producer> {
  const kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  return producer
}

async function acknowledge(producer: TopicProducer, { id, key, value }: Message): Promise<void> {
  try {
    await producer.send({ key, value })
    acknowledged.push(id)
  } catch (error) {
    // Whether the broker has it is not known: it may be stored, and need not.
    if (!(error instanceof KeeperError && error.retriable)) throw error
  }
}

/** A price has a second of its own, so that it is told from every other; the id is what the tables make of it. */
function messageOf(number: number): Message {
  const asin = ASINS[number % ASINS.length] ?? ''
  if (number % 25 === 7) return { id: `poison ${number}`, key: asin, value: `poison ${number}` }
  const timestamp = new Date(Date.UTC(2026, 0, 1) + number * 1_000).toISOString().slice(0, 19)
  const price = (1_500 + ((number * 7_919) % 6_000)) / 100
  const value = JSON.stringify(priceEvent({ asin, timestamp, current_price: price }))
  return { id: `${asin} ${timestamp} ${price.toFixed(2)}`, key: asin, value }
}

/** Ends one thing after the other, each at least once, and leaves all running. */
async function makeTrouble(endMs: number): Promise<void> {
  const troubles = [
    awayFor(500, postgres, postgres.crash),
    awayFor(1_000, postgres, postgres.stop),
    awayFor(0, broker, broker.crash),
    awayFor(500, broker, broker.stop),
    async () => {
      await cloud?.stop(0)
      startCloud()
    },
    killFunctions,
    killFunctions,
    haltBackends,
    recreateTopic,
  ]
  const draw = drawing(SEED)
  // Each comes once, in an order of its own, before any comes again; on a busy machine that may outlast the time.
  const isComplete = () => Date.now() >= endMs && killed > 0 && recreated > 0
  for (let left: typeof troubles = []; !isComplete() || left.length > 0; ) {
    if (left.length === 0) left = [...troubles]
    const [trouble] = left.splice(draw(left.length), 1)
    await trouble?.()
    await sleep(200 + draw(1_500))
  }
}

/** Ends an engine in one of its ways, and has it back a while later. */
const awayFor = (ms: number, engine: Stoppable, end: () => Promise<void>) => async () => {
  await end()
  await sleep(ms)
  await engine.start()
}

/** Ends the processes of the functions' execution environments, in the middle of whatever they do. */
async function killFunctions(): Promise<void> {
  for (const pid of await until(functionProcesses)) {
    process.kill(pid, 'SIGKILL')
    killed += 1
  }
}

/** Undefined while there are none, as before the first batch. */
async function functionProcesses(): Promise<readonly number[] | undefined> {
  const { stdout } = await run('pgrep', ['-P', String(process.pid), '-f', 'runtime']).catch(() => ({
    stdout: '',
  }))
  const pids = stdout.split('\n').filter(Boolean).map(Number)
  return pids.length > 0 ? pids : undefined
}

/** Lets the consumers' backends stand still, as behind a network that lost their connections, and go on later. */
async function haltBackends(): Promise<void> {
  const backends = await query<{ pid: number }>(
    "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
  )
  for (const { pid } of backends) process.kill(pid, 'SIGSTOP')
  await sleep(HALT_MS)
  for (const { pid } of backends) process.kill(pid, 'SIGCONT')
}

/** Deletes the topic once all that was acknowledged is stored, and recreates it, compressed by the next codec. */
async function recreateTopic(): Promise<void> {
  const open = Promise.withResolvers<void>()
  gate = open.promise
  // A batch that passed the gate just before it closed is in flight a moment later.
  for (let seen: unknown; seen !== inFlight; ) {
    seen = inFlight
    await seen
  }
  await until(async () => includesAll(await stored(), acknowledged))
  const kafka = await testKafka(broker.bootstrapServers)
  await kafka.admin.deleteTopics({ topics: [TOPIC] })
  await until(async () => !(await kafka.admin.listTopics()).includes(TOPIC))
  recreated += 1
  const codec = CODECS[recreated % CODECS.length] ?? ''
  const configEntries = [{ name: 'compression.type', value: codec }]
  await makeTopics(kafka.admin, [{ topic: TOPIC, numPartitions: 3, configEntries }])
  await kafka.close()
  open.resolve()
}

/** Whole numbers below a limit (a linear congruential generator). */
function drawing(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

function startCloud(): void {
  const nothing = () => undefined
  cloud = new LocalCloud({
    template,
    bootstrapServers: broker.bootstrapServers,
    logDirectory: join(directory, 'logs'),
    variables: (variables) =>
      localVariables(variables, {
        bootstrapServers: broker.bootstrapServers,
        databaseUrl: postgres.databaseUrl,
        keepaBaseUrl: '',
        keepaApiKey: '',
      }),
    events: { retrying: nothing, waiting: nothing, reading: nothing, scheduled: nothing },
  })
  cloud.startMappings()
}

function priceConsumerOf(whole: Template): Template {
  const functions = whole.functions.filter(({ name }) => name === 'price-consumer')
  const mappings = whole.mappings
    .filter(({ functionId }) => functions.some(({ id }) => id === functionId))
    .map((mapping) => ({ ...mapping, topic: TOPIC }))
  return { topics: [], functions, mappings, schedules: [], triggers: [] }
}

const stored = async (): Promise<string[]> => [...(await historyIds()), ...(await quarantinedIds())]

const historyIds = async (): Promise<string[]> =>
  (
    await query<{ id: string }>(
      `select product.asin || ' ' || to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || ' ' || price as id
       from price_history join watched_products as product on product.id = product_id`,
    )
  ).map(({ id }) => id)

const quarantinedIds = async (): Promise<string[]> =>
  (await query<{ id: string }>("select convert_from(value, 'UTF8') as id from rejected_records")).map(
    ({ id }) => id,
  )

const includesAll = (found: readonly string[], wanted: readonly string[]): boolean => {
  const known = new Set(found)
  return wanted.every((id) => known.has(id))
}

/** On a connection of its own: Postgres ends now and then. */
async function query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: postgres.databaseUrl })
  await client.connect()
  try {
    return (await client.query<Row>(text, values as unknown[])).rows
  } finally {
    await client.end()
  }
}
