import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { ConfigResourceTypes } from 'kafkajs'
import { dealConsumer } from '../../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { insertRejectedRecords } from '../../../lambdas/core/consuming/rejected-records.ts'
import type { MskRecord } from '../../../lambdas/core/kafka/msk-event.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { type StoredMessage, type TestKafka, testKafka } from '../../helpers/kafka.ts'
import { priceEvent } from '../../helpers/msk-events.ts'
import { watch } from '../../helpers/tables.ts'
import { type Operators, operatorsOf } from '../operators.ts'

let kafka: TestKafka
let database: FreshDatabase
let operators: Operators
beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())
beforeEach(async () => {
  database = await freshDatabase()
  operators = operatorsOf(database.url, kafka.bootstrapServers)
})
afterEach(async () => {
  await operators.close()
  await database.drop()
})

const RECORD_MS = Date.UTC(2026, 1, 20, 12, 31)
const base64 = (text: string) => Buffer.from(text).toString('base64')

const record = (topic: string, offset: number, changes: Partial<MskRecord> = {}): MskRecord => ({
  ...{ topic, partition: 2, offset, timestamp: RECORD_MS, key: base64('K'), value: base64(`{${offset}`) },
  headers: [],
  ...changes,
})

async function reject(
  records: readonly MskRecord[],
  reason = 'invalid_json',
  { group }: { readonly group: string } = priceConsumer,
): Promise<void> {
  const client = await database.pool.connect()
  try {
    const rejected = records.map((one) => ({ record: one, reason: reason as 'invalid_json', detail: 'test' }))
    await insertRejectedRecords(client, group, rejected)
  } finally {
    client.release()
  }
}

/** Every call of a redrive, as the command makes them. */
async function redriveAll(input: object, asked = operators) {
  let sent = 0
  const notSent: unknown[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const part = await asked.ask('rejected.redrive', { ...input, ...(cursor && { cursor }) })
    sent += part.sent
    notSent.push(...part.notSent)
    cursor = part.next
  }
  return { sent, notSent }
}

const configure = (topic: string, name: string, value: string) =>
  kafka.admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name, value }] }],
  })

const headersOf = ({ headers }: StoredMessage) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().map(String)]))

describe('a redrive', () => {
  test('keeps key, value and headers, and says where the record was and how often it was sent', async () => {
    const topic = await kafka.freshTopic()
    const bytes = Buffer.from([0xff, 0x00, 0xc3])
    const headers: MskRecord['headers'] = [{ trace: [97] }, { trace: [98] }, { empty: [] }]
    await reject([
      record(topic, 7, { key: bytes.toString('base64'), value: bytes.toString('base64'), headers }),
    ])
    expect(await redriveAll({ all: true })).toEqual({ sent: 1, notSent: [] })
    const [message, ...others] = await kafka.readAll(topic)
    expect(others).toEqual([])
    expect([message?.key, message?.value]).toEqual([bytes, bytes])
    expect(message && headersOf(message)).toEqual({
      ...{ trace: ['a', 'b'], empty: [''] },
      'keeper-redriven-from': [`${topic}/2/7`],
      'keeper-redriven-count': ['1'],
      'keeper-record-timestamp': [String(RECORD_MS)],
    })
  })

  test('of a record that was redriven before names both places, and keeps the first time', async () => {
    const topic = await kafka.freshTopic()
    const bytes = (text: string) => [...Buffer.from(text)]
    const headers: MskRecord['headers'] = [
      { 'keeper-redriven-from': bytes(`${topic}/0/1`) },
      { 'keeper-redriven-count': bytes('1') },
      { 'keeper-record-timestamp': bytes('1000') },
    ]
    await reject([record(topic, 9, { headers })])
    await redriveAll({ all: true })
    const [message] = await kafka.readAll(topic)
    expect(message && headersOf(message)).toEqual({
      'keeper-redriven-from': [`${topic}/0/1`, `${topic}/2/9`],
      'keeper-redriven-count': ['2'],
      'keeper-record-timestamp': ['1000'],
    })
  })

  test('sends each record once, however many ask, at the same time or again', async () => {
    const topic = await kafka.freshTopic()
    await reject(Array.from({ length: 1_100 }, (_, offset) => record(topic, offset, { key: null })))
    const other = operatorsOf(database.url, kafka.bootstrapServers)
    try {
      expect(await operators.ask('rejected.candidates', { reason: 'invalid_json' })).toEqual({
        groups: [{ topic, reason: 'invalid_json', records: 1_100 }],
        ...{ records: 1_100, alreadyRedriven: 0 },
      })
      const both = await Promise.all([redriveAll({ all: true }), redriveAll({ all: true }, other)])
      expect(both.reduce((sum, { sent }) => sum + sent, 0)).toBe(1_100)
    } finally {
      await other.close()
    }
    expect(await redriveAll({ all: true })).toEqual({ sent: 0, notSent: [] })
    expect(await redriveAll({ ids: ['1', 2] })).toEqual({ sent: 0, notSent: [] })
    const values = (await kafka.readAll(topic)).map(({ value }) => String(value))
    expect([values.length, new Set(values).size]).toEqual([1_100, 1_100])
    expect(await operators.ask('rejected.candidates', { all: true })).toMatchObject({
      ...{ records: 0, alreadyRedriven: 1_100 },
    })
  })

  test('passes over what another redrive holds, and sends the rest', async () => {
    const topic = await kafka.freshTopic()
    await reject(Array.from({ length: 600 }, (_, offset) => record(topic, offset)))
    const other = await database.pool.connect()
    try {
      await other.query('begin')
      await other.query('select from rejected_records order by id limit 500 for update')
      expect(await redriveAll({ all: true })).toEqual({ sent: 100, notSent: [] })
      await other.query('rollback')
    } finally {
      other.release()
    }
    expect(await redriveAll({ all: true })).toEqual({ sent: 500, notSent: [] })
  })

  test('of a record that two groups rejected sends it once, as each of them reads it again', async () => {
    const topic = await kafka.freshTopic()
    await reject([record(topic, 1), record(topic, 2)])
    await reject([record(topic, 1), record(topic, 3)], 'bad_domain', dealConsumer)
    expect(await operators.ask('rejected.list', { group: dealConsumer.group })).toMatchObject({
      rows: [
        { offset: '3', group: dealConsumer.group },
        { offset: '1', group: dealConsumer.group },
      ],
    })
    expect(await operators.ask('rejected.candidates', { all: true })).toEqual({
      groups: [
        { topic, reason: 'bad_domain', records: 2 },
        { topic, reason: 'invalid_json', records: 2 },
      ],
      ...{ records: 3, alreadyRedriven: 0 },
    })
    expect(await redriveAll({ reason: 'bad_domain' })).toEqual({ sent: 2, notSent: [] })
    expect(await redriveAll({ all: true })).toEqual({ sent: 1, notSent: [] })
    expect(await kafka.readAll(topic)).toHaveLength(3)
  })

  test('goes by id or reason, and sends what it can where some cannot be sent', async () => {
    const topic = await kafka.freshTopic()
    await reject([record(topic, 1), record(topic, 2), record('deleted-topic', 3)])
    await reject([record(topic, 4, { headers: [{ none: null }] }), record(topic, 5)], 'bad_domain')
    expect(await redriveAll({ ids: [2] })).toEqual({ sent: 1, notSent: [] })
    expect(await redriveAll({ reason: 'bad_domain' })).toEqual({
      sent: 1,
      notSent: [{ id: '4', reason: expect.stringContaining('a header without a value') }],
    })
    expect(await redriveAll({ all: true })).toMatchObject({
      sent: 1,
      notSent: [{ id: '1', reason: expect.stringContaining('no topic deleted-topic') }, { id: '4' }],
    })
    expect((await kafka.readAll(topic)).map(({ value }) => String(value)).toSorted()).toEqual([
      '{1',
      '{2',
      '{5',
    ])
    const { rows } = await operators.ask('rejected.list', { open: true })
    expect(rows.map(({ id }) => id)).toEqual(['4', '1'])
  })

  test('names what is too large for its topic with the headers it gains, and sends its neighbours', async () => {
    const topic = await kafka.freshTopic('small', { partitions: 1 })
    await configure(topic, 'max.message.bytes', '700')
    await reject([1, 2, 3].map((at) => record(topic, at, { value: base64('x'.repeat(at === 2 ? 600 : 9)) })))
    expect(await redriveAll({ all: true })).toEqual({
      sent: 2,
      notSent: [{ id: '2', reason: expect.stringContaining(`larger than ${topic} takes`) }],
    })
    expect(await kafka.readAll(topic)).toHaveLength(2)
  })

  test('that fails half-way marks what was acknowledged, and the next one sends the rest', async () => {
    const [taken, refused] = [await kafka.freshTopic('a'), await kafka.freshTopic('b')]
    // A topic that is compacted takes no message without a key.
    await configure(refused, 'cleanup.policy', 'compact')
    await reject([record(taken, 1), record(refused, 2, { key: null }), record(taken, 3)])
    await expect(redriveAll({ all: true })).rejects.toMatchObject({ code: 'kafka_not_acknowledged' })
    expect((await operators.ask('rejected.list', { open: true })).rows).toMatchObject([{ topic: refused }])
    await configure(refused, 'cleanup.policy', 'delete')
    expect(await redriveAll({ all: true })).toEqual({ sent: 1, notSent: [] })
    expect((await kafka.readAll(taken)).length + (await kafka.readAll(refused)).length).toBe(3)
  }, 60_000)

  test('marks nothing where no broker answers', async () => {
    await reject([record('price-updates', 1)])
    const away = operatorsOf(database.url, 'localhost:1')
    try {
      await expect(redriveAll({ all: true }, away)).rejects.toMatchObject({ code: 'kafka_unreachable' })
    } finally {
      await away.close().catch(() => undefined)
    }
    expect((await operators.ask('rejected.list', { open: true })).rows).toHaveLength(1)
  })

  test('of what is not there is refused with what would fit', async () => {
    await reject([record('price-updates', 1)])
    const cases = [
      [{}, 'input_invalid', 'Name the ids, or a reason, or all.'],
      [{ all: true, reason: 'invalid_json' }, 'input_invalid', 'Name the ids, or a reason, or all.'],
      [{ reason: 'invalid' }, 'no_such_reason', 'reasons are invalid_json'],
      [{ ids: ['99'] }, 'no_such_record', 'no rejected record 99; ids near it: 1'],
      [{ ids: ['x'] }, 'input_invalid', 'an id is a whole number'],
    ] as const
    for (const [input, code, message] of cases) {
      for (const operation of ['rejected.redrive', 'rejected.candidates'] as const) {
        await expect(operators.ask(operation, input)).rejects.toMatchObject({
          code,
          message: expect.stringContaining(message),
        })
      }
    }
  })
})

test('a rejected record is shown with its bytes, where null is not the same as empty', async () => {
  const headers: MskRecord['headers'] = [{ a: [0xff] }, { b: null }]
  await reject([record('price-updates', 3, { key: null, value: '', headers })])
  expect(await operators.ask('rejected.show', { id: 1 })).toMatchObject({
    ...{ topic: 'price-updates', partition: 2, offset: '3', reason: 'invalid_json', redrivenAt: null },
    ...{ recordedAt: '2026-02-20T12:31:00Z', key: null, value: { text: '' } },
    headers: [
      { name: 'a', value: { base64: '/w==' } },
      { name: 'b', value: null },
    ],
  })
})

test('a price that is redriven without a time of its own has that of its first record, and is not news', async () => {
  await watch(database.pool, {}, 45)
  const old = { ...priceEvent({ current_price: 30 }), timestamp: undefined }
  const first = [...Buffer.from(String(Date.UTC(2026, 0, 1)))]
  await consumeRecords(database.pool, priceConsumer, [
    { value: priceEvent({ current_price: 50, timestamp: '2026-01-02T00:00:00' }), key: 'B07W6JN8V8' },
    { value: old, key: 'B07W6JN8V8', headers: [{ 'keeper-record-timestamp': first }] },
  ])
  const { rows } = await database.pool.query(
    'select current_price, (select count(*)::integer from price_alerts) as alerts from watched_products',
  )
  expect(rows).toEqual([{ current_price: '50.00', alerts: 0 }])
})
