import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ReadRecord } from '../../../lambdas/operator/kafka/read-records.ts'
import type { Page } from '../../../lambdas/operator/operation.ts'
import { type TestKafka, testKafka } from '../../helpers/kafka.ts'
import { type TestOperator, testOperator } from '../operating.ts'

let kafka: TestKafka
let operator: TestOperator
beforeAll(async () => {
  kafka = await testKafka()
  operator = await testOperator(kafka.bootstrapServers)
})
afterAll(() => Promise.all([operator.close(), kafka.close()]))

const read = (input: Record<string, unknown>) =>
  operator.ask('messages.read', input, 'read') as Promise<Page<ReadRecord, unknown>>
const valuesOf = ({ rows }: Page<ReadRecord, unknown>) =>
  rows.map(({ value }) => (value && 'text' in value ? value.text : value))

/** A topic with one partition of ten numbers, one a minute. */
async function numbers(): Promise<string> {
  const topic = await kafka.freshTopic('numbers', { partitions: 1 })
  const at = (minute: number) => String(Date.UTC(2026, 1, 20, 12, minute))
  await kafka.produce(
    topic,
    Array.from({ length: 10 }, (_, minute) => ({
      value: `${minute}`,
      key: `key-${minute % 2}`,
      timestamp: at(minute),
    })),
  )
  return topic
}

describe('reading', () => {
  test.each([
    ['start', '0123456789'],
    ['end', ''],
    ['+7', '789'],
    ['-3', '789'],
    ['-30', '0123456789'],
    ['8', '89'],
    ['2:5', '234'],
    ['@2026-02-20T12:06:00Z', '6789'],
    ['@2026-02-20T12:06:00', '6789'],
    ['@2026-02-20T13:06+01:00', '6789'],
    ['@-1h', ''],
  ])('from %s gives %j, and ends', async (from, values) => {
    const topic = await numbers()
    const page = await read({ topic, from })
    expect([valuesOf(page).join(''), page.next]).toEqual([values, null])
  })

  test.each(['5x', '@yesterday', '@2026-02-31', '', '+', '1:'])(
    'from %j is refused with the grammar',
    async (from) => {
      expect(await read({ topic: await numbers(), from })).toMatch(/^bad_offset: .*use start, end, \+N/)
    },
  )

  test('goes on behind the last message of a full answer', async () => {
    const topic = await numbers()
    const first = await read({ topic, most: 4 })
    expect(valuesOf(first)).toEqual(['0', '1', '2', '3'])
    const second = await read({ topic, most: 4, cursor: first.next })
    expect(valuesOf(second)).toEqual(['4', '5', '6', '7'])
    const third = await read({ topic, most: 4, cursor: second.next })
    expect([valuesOf(third), third.next]).toEqual([['8', '9'], null])
  })

  test('keeps to what was there when it began', async () => {
    const topic = await numbers()
    const first = await read({ topic, most: 4 })
    await kafka.produce(topic, [{ value: 'late' }])
    const rest = await read({ topic, cursor: first.next })
    expect([valuesOf(rest).join(''), rest.next]).toEqual(['456789', null])
  })

  test('by key and by a condition on the JSON value', async () => {
    expect(valuesOf(await read({ topic: await numbers(), key: 'key-1' })).join('')).toBe('13579')
    const topic = await kafka.freshTopic('json', { partitions: 1 })
    const deals = [{ price: 9, at: { domain: 'de' } }, { price: 10.5, title: 'Logi' }, 'no object', null]
    await kafka.produce(topic, [...deals.map((deal) => ({ value: JSON.stringify(deal) })), { value: '{' }])
    const where = async (condition: string) => valuesOf(await read({ topic, where: condition })).length
    expect(await where('price >= 10')).toBe(1)
    expect(await where('price < 10')).toBe(1)
    expect(await where('at.domain = de')).toBe(1)
    expect(await where('title ~ LOGI')).toBe(1)
    expect(await where('constructor ~ a')).toBe(0)
    expect(await read({ topic, where: 'price' })).toMatch(/^bad_condition: .*current_price < 50/)
  })

  test('tells null from empty, and gives bytes and headers as they are', async () => {
    const topic = await kafka.freshTopic('bytes', { partitions: 1 })
    await kafka.produce(topic, [
      { key: null, value: null },
      { key: '', value: '', headers: { trace: ['1', '2'], empty: '' } },
      { value: Buffer.from([0xff, 0]) },
    ])
    const { rows } = await read({ topic })
    expect(rows.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual([
      { key: null, value: null, headers: [] },
      {
        key: { text: '' },
        value: { text: '' },
        headers: [
          { name: 'trace', value: { text: '1' } },
          { name: 'trace', value: { text: '2' } },
          { name: 'empty', value: { text: '' } },
        ],
      },
      { key: null, value: { base64: '/wA=' }, headers: [] },
    ])
  })

  test('ends where the last offsets have no message: markers of a transaction', async () => {
    const topic = await kafka.freshTopic('transacted', { partitions: 1 })
    const producer = kafka.kafka.producer({
      transactionalId: `of-${topic}`,
      maxInFlightRequests: 1,
      idempotent: true,
    })
    await producer.connect()
    const kept = await producer.transaction()
    await kept.send({ topic, messages: [{ value: 'kept' }] })
    await kept.commit()
    const aborted = await producer.transaction()
    await aborted.send({ topic, messages: [{ value: 'aborted' }] })
    await aborted.abort()
    await producer.disconnect()
    const page = await read({ topic })
    expect([valuesOf(page), page.next]).toEqual([['kept'], null])
  })

  test('leaves no consumer group behind', async () => {
    await read({ topic: await numbers() })
    const { groups } = await kafka.admin.listGroups()
    expect(groups.filter(({ groupId }) => groupId.startsWith('keeper-read-'))).toEqual([])
  })

  test('of a partition that is not there is refused', async () => {
    expect(await read({ topic: await numbers(), partitions: [0, 5] })).toMatch(
      /^no_such_partition: .* partition 5;/,
    )
  })
})

test('following gives what comes, and where to go on, without an end', async () => {
  const topic = await numbers()
  const waiting = read({ topic, from: '10', follow: true, most: 1 })
  await kafka.produce(topic, [{ value: 'new' }])
  const page = await waiting
  expect(valuesOf(page)).toEqual(['new'])
  expect(page.next).toEqual([{ partition: 0, next: '11', end: null }])
  expect(await read({ topic, from: '5:9', follow: true })).toMatch(/^bad_offset: "5:9" has an end/)
})
