import { describe, expect, test } from '@jest/globals'
import { until } from '../until.ts'
import { mappingSetup, type Properties } from './mapping-setup.ts'

const { kafka, consumer, start, tell, isCommitted } = mappingSetup()

/** The event of the only invocation with these messages. */
async function eventOf(
  messages: Parameters<ReturnType<typeof kafka>['produce']>[1],
  properties: Properties = {},
) {
  const topic = await kafka().freshTopic('event', { partitions: 1 })
  await tell({ keepEvents: true })
  await kafka().produce(topic, messages)
  start(topic, properties)
  await isCommitted(topic, [messages.length])
  const event = await until(async () => (await consumer().invocations())[0]?.event)
  return { topic, event: event as { records: Record<string, Readonly<Record<string, unknown>>[]> } }
}

describe('the event', () => {
  test('has the source, its ARN, the bootstrap servers in one string, and records by topic and partition', async () => {
    const { topic, event } = await eventOf([{ key: 'k', value: 'v', timestamp: '1700000000123' }])
    expect(event).toEqual({
      eventSource: 'aws:kafka',
      eventSourceArn: expect.stringMatching(/^arn:aws:kafka:/),
      bootstrapServers: kafka().bootstrapServers,
      records: {
        [`${topic}-0`]: [
          {
            ...{ topic, partition: 0, offset: 0, timestamp: 1_700_000_000_123, timestampType: 'CREATE_TIME' },
            ...{ key: 'aw==', value: 'dg==', headers: [] },
          },
        ],
      },
    })
  })

  test('key is absent without a key, value null for a tombstone, and header bytes are signed', async () => {
    const { topic, event } = await eventOf([
      { value: null },
      { key: '', value: '', headers: { kind: Buffer.from([0, 127, 128, 255]), same: ['a', 'b'] } },
    ])
    const [tombstone, empty] = event.records[`${topic}-0`] ?? []
    expect(tombstone).not.toHaveProperty('key')
    expect(tombstone?.value).toBeNull()
    expect(empty).toMatchObject({ key: '', value: '' })
    expect(empty?.headers).toEqual([{ kind: [0, 127, -128, -1] }, { same: [97] }, { same: [98] }])
  })

  test('of self-managed Kafka has the source SelfManagedKafka, the bootstrap servers, and no ARN', async () => {
    const { topic, event } = await eventOf([{ value: 'v' }], {
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['broker.example:9092'] } },
    })
    expect(Object.keys(event)).toEqual(['eventSource', 'bootstrapServers', 'records'])
    expect(event).toMatchObject({
      eventSource: 'SelfManagedKafka',
      bootstrapServers: kafka().bootstrapServers,
      records: { [`${topic}-0`]: [{ topic, value: 'dg==' }] },
    })
  })
})
