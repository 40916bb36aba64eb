import { beforeAll, describe, expect, test } from '@jest/globals'
import { Kafka, KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, logLevel } from 'kafkajs'
import { KeeperError } from '../../../lambdas/core/errors.ts'
import { explainConnectionError, probeBrokers } from '../../../lambdas/core/kafka/connection-errors.ts'
import { freePort } from '../../../local/engines/ports.ts'
import type { OwnKafka } from '../../helpers/engine-room.ts'
import { askForOwnKafka } from '../../helpers/engines.ts'

const connectionError = (broker: string, code: string) =>
  new KafkaJSConnectionError(`Connection error: ${code}`, { broker, code })

describe('explainConnectionError', () => {
  test('names the address that was asked, the one that is advertised, and the right one', () => {
    const error = explainConnectionError(connectionError('kafka:29092', 'ENOTFOUND'), 'localhost:9092')
    expect(error).toMatchObject({ code: 'kafka_wrong_listener', retriable: true })
    expect(error.message).toContain('answers at localhost:9092, but advertises kafka:29092')
    expect(error.message).toContain(
      'Inside the compose network use kafka:29092, on the host localhost:9092 (KAFKA_BOOTSTRAP_SERVERS).',
    )
  })

  test('finds the reason inside the retries that gave up', () => {
    const cause = connectionError('kafka:29092', 'EAI_AGAIN')
    const error = new KafkaJSNumberOfRetriesExceeded(cause, { retryCount: 3, retryTime: 100 })
    expect(explainConnectionError(error, 'localhost:9092').code).toBe('kafka_wrong_listener')
  })

  test('takes an advertised loopback for a wrong listener where another machine was asked', () => {
    const error = connectionError('localhost:9092', 'ECONNREFUSED')
    expect(explainConnectionError(error, 'host.docker.internal:9092').code).toBe('kafka_wrong_listener')
  })

  test("takes an advertised container's address for a wrong listener where this machine was asked", () => {
    const error = new KafkaJSConnectionError('Connection timeout', { broker: '172.18.0.2:9092' })
    expect(explainConnectionError(error, 'localhost:9092').code).toBe('kafka_wrong_listener')
  })

  test('gives the code where kafkajs gives no reason', () => {
    const error = new KafkaJSConnectionError('Connection error: ', {
      broker: 'localhost:9092',
      code: 'ECONNREFUSED',
    })
    expect(explainConnectionError(error, 'localhost:9092').message).toBe(
      'Kafka cannot be reached at localhost:9092: Connection error: ECONNREFUSED',
    )
  })

  test('takes a broker of a cluster that is down for unreachable, not for a wrong listener', () => {
    const error = explainConnectionError(
      connectionError('b-3.keeper.amazonaws.com:9098', 'ECONNREFUSED'),
      'b-1.keeper.amazonaws.com:9098,b-2.keeper.amazonaws.com:9098',
    )
    expect(error.code).toBe('kafka_unreachable')
    expect(error.message).toContain('b-3.keeper.amazonaws.com:9098')
  })

  test('takes an unknown bootstrap name for unreachable', () => {
    const error = explainConnectionError(connectionError('kafka:29092', 'ENOTFOUND'), 'kafka:29092')
    expect(error).toMatchObject({ code: 'kafka_unreachable', retriable: true })
  })

  test('leaves an error that was explained already as it is', () => {
    const error = new KeeperError('other', 'Other.')
    expect(explainConnectionError(error, 'localhost:9092')).toBe(error)
  })
})

describe('probeBrokers', () => {
  let kafka: OwnKafka
  beforeAll(async () => {
    kafka = await askForOwnKafka()
  })

  const probe = (bootstrapServers: string) => {
    const client = new Kafka({
      brokers: [bootstrapServers],
      logLevel: logLevel.NOTHING,
      connectionTimeout: 2_000,
      retry: { retries: 1, initialRetryTime: 20 },
    })
    return probeBrokers(client.admin(), bootstrapServers)
  }

  test('counts the brokers that answer at their advertised addresses', async () => {
    expect(await probe(kafka.bootstrapServers)).toBe(1)
  })

  test('says so where a real broker advertises a name that nobody knows', async () => {
    await expect(probe(kafka.wrongListener)).rejects.toMatchObject({
      code: 'kafka_wrong_listener',
      message: expect.stringContaining(
        `answers at ${kafka.wrongListener}, but advertises kafka.invalid:29092`,
      ),
    })
  })

  test('says that nothing answers where nothing listens', async () => {
    const port = await freePort()
    await expect(probe(`localhost:${port}`)).rejects.toMatchObject({
      code: 'kafka_unreachable',
      message: expect.stringContaining(`localhost:${port}`),
    })
  })
})
