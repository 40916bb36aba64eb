/** What Kafka Connect and Debezium's JDBC sink are set to, which is what was fastest here or no slower than the rest. */

/** The sink's table; its columns have the names of the event's fields. */
export const TABLE = 'sink_prices'
export const COLUMNS = ['asin', 'domain', 'timestamp', 'current_price'] as const
export const CREATE_TABLE = `
  create table ${TABLE} (
    asin text collate "C" not null,
    domain text collate "C" not null,
    timestamp timestamp not null,
    current_price numeric(12, 2) not null,
    primary key (asin, domain, timestamp)
  )`

/** What the sink is told of an event: the fields that it stores. The others are in the messages and left out. */
const SCHEMA = {
  type: 'struct',
  fields: [
    { field: 'asin', type: 'string' },
    { field: 'domain', type: 'string' },
    { field: 'timestamp', type: 'string' },
    { field: 'current_price', type: 'double' },
  ],
}

/** Records that a task takes from Kafka and stores in one transaction; 5,000 were no faster. */
const BATCH = '2000'

/** A sink: from a topic into the table of a database. */
export interface SinkTarget {
  readonly name: string
  readonly topic: string
  readonly databaseUrl: string
  readonly tasks: number
}

/** The settings of one sink. https://debezium.io/documentation/reference/stable/connectors/jdbc.html */
export function sinkSettings({
  name,
  topic,
  databaseUrl,
  tasks,
}: SinkTarget): Readonly<Record<string, string>> {
  const { host, pathname, username, password } = new URL(databaseUrl)
  return {
    name,
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    'tasks.max': String(tasks),
    topics: topic,
    // One statement for many rows. Text that is sent without a type becomes the column's, here a time.
    'connection.url': `jdbc:postgresql://${host}${pathname}?reWriteBatchedInserts=true&stringtype=unspecified`,
    'connection.username': decodeURIComponent(username),
    'connection.password': decodeURIComponent(password),
    // Each task has a pool of its own and uses one connection of it.
    'connection.pool.min_size': '1',
    'connection.pool.max_size': '2',
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_value',
    'primary.key.fields': 'asin,domain,timestamp',
    'collection.name.format': TABLE,
    // A statement for many rows may not meet a row twice, which a message that was sent again would make it do. It costs
    // nothing that can be measured here. dialect.postgres.unnest.insert.enabled is no faster, and takes a text for no time.
    'use.reduction.buffer': 'true',
    'batch.size': BATCH,
    'consumer.override.max.poll.records': BATCH,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    // The sink needs a schema. With it in the settings the messages are Keeper's own, byte for byte; as {schema, payload}
    // they would be nearly twice as long, and the schema would be read again for each.
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'true',
    'value.converter.schema.content': JSON.stringify(SCHEMA),
  }
}

/** What differs from worker to worker. */
export interface WorkerPlace {
  readonly bootstrapServers: string
  /** Of its REST API, on this machine only. */
  readonly port: number
  readonly directory: string
}

/** The properties of a standalone worker. https://kafka.apache.org/43/configuration/kafka-connect-configs/ */
export function workerProperties({ bootstrapServers, port, directory }: WorkerPlace): string {
  const settings = {
    'bootstrap.servers': bootstrapServers,
    listeners: `http://127.0.0.1:${port}`,
    // Of sources, which there are none of.
    'offset.storage.file.filename': `${directory}/offsets`,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    // Plugins by their manifests: it starts sooner than by looking through every class.
    'plugin.discovery': 'service_load',
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
