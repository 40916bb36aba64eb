import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { MappingResource } from '../../local/cloud/mapping/mapping-resource.ts'
import { readFacts } from '../../local/facts.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import { until } from './until.ts'

let kafka: TestKafka
let database: FreshDatabase
beforeAll(async () => {
  ;[kafka, database] = await Promise.all([testKafka(), freshDatabase()])
})
afterAll(async () => {
  await kafka.close()
  await database.drop()
})

const SEED = `
with product as (
  insert into watched_products (asin, domain, title, currency) values ('B00TEST123', 'de', 'A bargain', 'EUR')
  returning id
), person as (
  insert into users (email) values ('somebody@keeper.example') returning id
), watch as (
  insert into watches (user_id, product_id, target_price, status)
  select person.id, product.id, 10, 'ACTIVE' from person, product
  returning id
)
insert into price_alerts (watch_id, triggered_price, target_price, triggered_at)
select id, 9.99, 10, now() from watch
`

test('facts are read from Kafka and Postgres themselves', async () => {
  const topic = await kafka.freshTopic('facts', { partitions: 2 })
  const mapping = { topic, consumerGroupId: `group-${topic}` } as MappingResource
  await kafka.produce(topic, [
    { partition: 0, value: '1' },
    { partition: 0, value: '2' },
    { partition: 1, value: '3' },
  ])
  // A broker that has just started knows no groups for a moment.
  const facts = await until(() => readFacts(kafka.admin, database.pool, [mapping]).catch(() => undefined))
  expect(facts).toEqual({
    flows: [{ topic, group: mapping.consumerGroupId, events: 3, lag: 3 }],
    historyRows: 0,
    products: 0,
    watches: 0,
    alerts: 0,
    rejected: 0,
    newestAlert: undefined,
  })
  await commitOne(mapping)
  await database.pool.query(SEED)
  expect(await readFacts(kafka.admin, database.pool, [mapping])).toMatchObject({
    flows: [{ events: 3, lag: 2 }],
    products: 1,
    watches: 1,
    alerts: 1,
    newestAlert: 'A bargain: 9.99 EUR, target 10.00',
  })
})

/** Commits the first message of partition 0. */
async function commitOne({ topic, consumerGroupId }: MappingResource): Promise<void> {
  const consumer = kafka.kafka.consumer({ groupId: consumerGroupId, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
  await consumer.run({ autoCommit: false, eachBatch: async () => undefined })
  await joined
  await consumer.commitOffsets([{ topic, partition: 0, offset: '1' }])
  await consumer.disconnect()
}
