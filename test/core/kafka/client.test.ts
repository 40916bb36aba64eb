import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bootstrapServersOf, createKafka } from '../../../lambdas/core/kafka/client.ts'
import { type TestKafka, testKafka } from '../../helpers/kafka.ts'
import { listener } from '../../producers/producing.ts'

let kafka: TestKafka
beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())

test('reaches the brokers of KAFKA_BOOTSTRAP_SERVERS, written with or without blanks', async () => {
  const { log, logged } = listener()
  const environment = { KAFKA_BOOTSTRAP_SERVERS: ` ${kafka.bootstrapServers} , ${kafka.bootstrapServers}` }
  const admin = createKafka(environment, log).admin()
  await admin.connect()
  expect((await admin.describeCluster()).brokers).toHaveLength(1)
  await admin.disconnect()
  expect(logged).toEqual([])
})

test('without the variable Kafka is at localhost:9092', () => {
  expect(bootstrapServersOf({})).toBe('localhost:9092')
})

test('a broker that cannot be reached is a warning with its address, and an error to the caller alone', async () => {
  const { log, logged } = listener()
  const admin = createKafka({ KAFKA_BOOTSTRAP_SERVERS: 'localhost:1' }, log, { retries: 0 }).admin()
  await expect(admin.connect()).rejects.toThrow()
  expect(logged).not.toEqual([])
  expect(logged.filter(({ level }) => level !== 'WARN')).toEqual([])
  expect(logged).toContainEqual(expect.objectContaining({ message: 'kafkajs', broker: 'localhost:1' }))
})

test('with iam it needs a region, and says so before it connects', () => {
  expect(() => createKafka({ KAFKA_AUTHENTICATION: 'iam' }, listener().log)).toThrow(
    expect.objectContaining({ code: 'environment_missing', message: expect.stringContaining('AWS_REGION') }),
  )
})

test('an idempotent producer with limited retries says nothing of itself', async () => {
  const { log, logged } = listener()
  const environment = { KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers }
  const producer = createKafka(environment, log).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    retry: { retries: 2 },
    createPartitioner: () => () => 0,
  })
  await producer.connect()
  await producer.disconnect()
  expect(logged.filter(({ detail }) => String(detail).includes('retries'))).toEqual([])
})
