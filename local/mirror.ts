import { setTimeout as sleep } from 'node:timers/promises'
import { KeeperError } from '../lambdas/core/errors.ts'
import { createOpenSearch, type OpenSearch } from '../lambdas/core/search/open-search.ts'
import * as TOPICS from '../lambdas/core/topics.ts'

/** Kafka Connect's mirror: every event of the topics is a document, which nothing changes afterwards (docs/search.md). */
export interface MirrorPlaces {
  readonly connectUrl: string
  /** From this process, and from the worker: a container has another address for it. */
  readonly searchUrl: string
  readonly sinkUrl?: string
}

/** The index of a topic's events. */
export const eventsIndex = (topic: string): string => `events-${topic}`

/** What a connector cannot store, with Connect's reason in the headers. */
export const MIRROR_REJECTED = 'connect-rejected'

/** Fields that Connect adds to the value: where the record is, and when it came. */
const PLACE = {
  topic: 'kafka_topic',
  partition: 'kafka_partition',
  offset: 'kafka_offset',
  timestamp: 'kafka_timestamp',
}

/** Whatever an event has is kept; what is searched has a type, and a value of another type is kept unsearched. */
const MAPPINGS = {
  dynamic: false,
  properties: {
    asin: { type: 'keyword' },
    domain: { type: 'keyword' },
    product_title: { type: 'text' },
    current_price: { type: 'scaled_float', scaling_factor: 100, ignore_malformed: true },
    timestamp: { type: 'date', ignore_malformed: true },
    [PLACE.topic]: { type: 'keyword' },
    [PLACE.partition]: { type: 'integer' },
    [PLACE.offset]: { type: 'long' },
    [PLACE.timestamp]: { type: 'date', format: 'epoch_millis' },
  },
}

/**
 * A topic's connector: Camel's HTTP sink, one request a record. It tries for five minutes what OpenSearch does not take, an
 * outage included; a record that is then still refused, or is not JSON, goes to the topic of rejected ones.
 * https://camel.apache.org/camel-kafka-connector/0.11.x/
 */
export const mirrorConnector = (topic: string, sinkUrl: string): Readonly<Record<string, string>> => ({
  'connector.class': 'org.apache.camel.kafkaconnector.CamelSinkConnector',
  topics: topic,
  'tasks.max': '1',
  // An ASIN is not JSON.
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  transforms: 'place,key',
  'transforms.place.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
  'transforms.place.topic.field': PLACE.topic,
  'transforms.place.partition.field': PLACE.partition,
  'transforms.place.offset.field': PLACE.offset,
  'transforms.place.timestamp.field': PLACE.timestamp,
  'transforms.key.type': 'org.apache.kafka.connect.transforms.ValueToKey',
  'transforms.key.fields': `${PLACE.partition},${PLACE.offset}`,
  // The record's place is the document's id, so that a record that comes twice is one document. The sink's address may name
  // the key, and no other part of a record.
  'camel.sink.url': `${sinkUrl}/${eventsIndex(topic)}/_doc/\${header[camel.kafka.connector.record.key]}?httpMethod=PUT`,
  'camel.sink.marshal': 'json-jackson',
  'camel.error.handler.max.redeliveries': '300',
  'camel.error.handler.redelivery.delay': '1000',
  'consumer.override.max.poll.records': '100',
  'consumer.override.max.poll.interval.ms': '900000',
  'errors.tolerance': 'all',
  'errors.deadletterqueue.topic.name': MIRROR_REJECTED,
  'errors.deadletterqueue.topic.replication.factor': '1',
  'errors.deadletterqueue.context.headers.enable': 'true',
})

/** Makes the indices and the connectors, or brings them up to date. */
export async function startMirror({
  connectUrl,
  searchUrl,
  sinkUrl = searchUrl,
}: MirrorPlaces): Promise<void> {
  const search = createOpenSearch({ SEARCH_ENDPOINT: searchUrl }) as OpenSearch
  try {
    for (const { name } of Object.values(TOPICS)) {
      await search
        .ask({
          method: 'PUT',
          path: `/${eventsIndex(name)}`,
          body: {
            settings: { number_of_shards: 1, auto_expand_replicas: '0-1' },
            mappings: MAPPINGS,
          },
        })
        .catch(unlessThere)
      await putConnector(connectUrl, eventsIndex(name), mirrorConnector(name, sinkUrl))
    }
  } finally {
    search.close()
  }
}

function unlessThere(error: unknown): void {
  if ((error as KeeperError).code !== 'search_index_exists') throw error
}

/** The worker answers 409 while it is joining its group. */
async function putConnector(
  connectUrl: string,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const response = await fetch(`${connectUrl}/connectors/${name}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(settings),
    })
    const said = await response.text()
    if (response.ok) return
    if (response.status !== 409 || tries > 60) {
      throw new KeeperError(
        'mirror_not_started',
        `Kafka Connect does not take ${name}: ${said.slice(0, 1_000)}`,
      )
    }
    await sleep(500)
  }
}
