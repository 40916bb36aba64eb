/** A worker's place. */
export interface WorkerPlace {
  readonly bootstrapServers: string
  /** Where its REST API listens: `http://127.0.0.1:8083`. */
  readonly listener: string
  /** A folder with a folder for each plugin. */
  readonly plugins: string
}

/**
 * The worker's group and topics, and JSON for keys and values (docs/search.md).
 * https://kafka.apache.org/41/configuration/kafka-connect-configs/
 */
export const WORKER_SETTINGS: Readonly<Record<string, string>> = {
  'group.id': 'kafka-connect',
  'config.storage.topic': 'connect-configs',
  'offset.storage.topic': 'connect-offsets',
  'status.storage.topic': 'connect-status',
  // One broker: nothing can be replicated.
  'config.storage.replication.factor': '1',
  'offset.storage.replication.factor': '1',
  'status.storage.replication.factor': '1',
  'offset.storage.partitions': '3',
  'status.storage.partitions': '3',
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'false',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
  // A worker that was killed is started again, as nobody else is there: without this, Kafka keeps its connectors for it for
  // five minutes. https://kafka.apache.org/41/kafka-connect/administration/
  'scheduled.rebalance.max.delay.ms': '0',
  // Camel's sink is older than the manifest by which plugins are found since Kafka 3.6.
  'plugin.discovery': 'only_scan',
}

/** The worker's file of settings. */
export const workerProperties = ({ bootstrapServers, listener, plugins }: WorkerPlace): string =>
  Object.entries({
    'bootstrap.servers': bootstrapServers,
    listeners: listener,
    'plugin.path': plugins,
    ...WORKER_SETTINGS,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
