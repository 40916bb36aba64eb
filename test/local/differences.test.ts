import { describe, expect, test } from '@jest/globals'
import { localVariables } from '../../local/differences.ts'

const places = {
  bootstrapServers: 'localhost:9092',
  databaseUrl: 'postgresql://localhost/keeper',
  keepaBaseUrl: 'http://127.0.0.1:4000',
  keepaApiKey: 'simulated-market',
  links: { url: 'http://127.0.0.1:3002/', keys: '{"current":"of this machine"}' },
}

describe("a function's variables here", () => {
  test('are the template’s, with addresses, sign-in and secrets replaced', () => {
    const template = {
      KAFKA_BOOTSTRAP_SERVERS: undefined,
      KAFKA_AUTHENTICATION: 'iam',
      KAFKA_TOPIC_PRICES: 'price-updates',
      DATABASE_URL: undefined,
      DATABASE_AUTHENTICATION: 'iam',
      DATABASE_SECRET_ARN: undefined,
      KEEPA_API_KEY_SECRET_ARN: undefined,
      NOTIFIER_COLLECT_SECONDS: '60',
      LINKS_URL: undefined,
      LINK_KEYS_SECRET_ARN: undefined,
      NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
      KEEPER_FUNCTION: 'price-check',
    }
    expect(localVariables(template, places)).toEqual({
      KAFKA_BOOTSTRAP_SERVERS: 'localhost:9092',
      KAFKA_AUTHENTICATION: 'none',
      KAFKA_TOPIC_PRICES: 'price-updates',
      DATABASE_URL: 'postgresql://localhost/keeper',
      DATABASE_AUTHENTICATION: 'password',
      KEEPA_API_KEY: 'simulated-market',
      KEEPA_BASE_URL: 'http://127.0.0.1:4000',
      LINKS_URL: 'http://127.0.0.1:3002/',
      LINK_KEYS: '{"current":"of this machine"}',
      NOTIFIER_COLLECT_SECONDS: '5',
      KEEPER_FUNCTION: 'price-check',
    })
  })

  test('are no more than the template gives: a function without Kafka gets no address of it', () => {
    expect(localVariables({ KEEPER_FUNCTION: 'migrator' }, places)).toEqual({ KEEPER_FUNCTION: 'migrator' })
  })

  test('lack what refers to AWS and has no place here', () => {
    expect(localVariables({ SOME_QUEUE_ARN: undefined, DATABASE_SECRET_ARN: 'arn:aws:x' }, places)).toEqual(
      {},
    )
  })
})
