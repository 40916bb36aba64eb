import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kafka, Partitioners } from 'kafkajs'
import { LocalCloud } from '../local/cloud/cloud.ts'
import type { Template } from '../local/cloud/template/template.ts'
import { localVariables } from '../local/differences.ts'
import { type BenchDatabase, benchDatabase } from './database.ts'
import type { Engines } from './measure.ts'
import { synthesizedTemplate } from './synthesized.ts'
import { benchTopics } from './topics.ts'

export const PARTITIONS = 4

/** The template's price consumer, between topics and a database of the bench. */
export interface PricePipeline {
  readonly database: BenchDatabase
  readonly kafka: Kafka
  /** Makes a topic that was not there, and gives its name; `codec` is how the broker compresses it. */
  freshTopic(codec?: string): Promise<string>
  deleteTopic(topic: string): Promise<void>
  /** A cloud with the consumer's mapping, not started; it throws where a batch has to be retried. */
  consumerOf(
    topic: string,
    mapping: { readonly batchSize: number; readonly windowSeconds?: number },
  ): LocalCloud
  close(): Promise<void>
}

export async function pricePipeline(engines: Engines, databaseName: string): Promise<PricePipeline> {
  const { databaseUrl, bootstrapServers } = engines
  const database = await benchDatabase(databaseUrl, databaseName)
  const directory = await mkdtemp(join(tmpdir(), 'keeper-bench-'))
  const template = await synthesizedTemplate(directory)
  const topics = await benchTopics(bootstrapServers, databaseName)
  return {
    database,
    kafka: topics.kafka,
    freshTopic: (codec) => topics.fresh(PARTITIONS, codec),
    deleteTopic: topics.delete,
    consumerOf: (topic, mapping) =>
      new LocalCloud({
        template: onlyPriceConsumer(template, { topic, consumerGroupId: topic, ...mapping }),
        bootstrapServers,
        logDirectory: join(directory, 'logs'),
        variables: (variables) =>
          localVariables(variables, {
            bootstrapServers,
            databaseUrl: database.url,
            keepaBaseUrl: '',
            keepaApiKey: '',
          }),
        events: {
          retrying: failed,
          waiting: () => undefined,
          reading: () => undefined,
          scheduled: () => undefined,
        },
      }),
    close: async () => {
      await topics.close()
      await database.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** A producer with the partitioner that Keeper's producers have. */
export const benchProducer = (kafka: Kafka) =>
  kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })

/** The template's price consumer alone, with another mapping. */
function onlyPriceConsumer(template: Template, changes: Partial<Template['mappings'][number]>): Template {
  const functions = template.functions.filter(({ name }) => name === 'price-consumer')
  const mappings = template.mappings
    .filter(({ functionId }) => functions.some(({ id }) => id === functionId))
    .map((mapping) => ({ ...mapping, ...changes }))
  return { topics: [], functions, mappings, schedules: [], triggers: [] }
}

function failed(mapping: string, reason: string): never {
  throw new Error(`${mapping}: ${reason}`)
}
