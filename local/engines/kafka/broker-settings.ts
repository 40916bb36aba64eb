/**
 * What every local broker is set to, embedded or in a container: the embedded engine writes these into
 * server.properties, local/docker-compose.yml says the same through the image's environment variables, and
 * test/local/engines/docker-compose.test.ts compares the two.
 * https://kafka.apache.org/41/configuration/broker-configs/
 */
export const BROKER_SETTINGS: Readonly<Record<string, string>> = {
  // Any stretch of the last 7 days can be replayed, and a local topic need not be made first.
  'log.retention.hours': '168',
  'auto.create.topics.enable': 'true',
  'num.partitions': '3',
  // Kafka's own default, written down because producers refuse a larger message before they send it.
  'message.max.bytes': '1048588',
  // One broker: nothing can be replicated.
  'default.replication.factor': '1',
  'min.insync.replicas': '1',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  // The first group to join would wait for 50 partitions to be made, for a handful of groups.
  'offsets.topic.num.partitions': '8',
  'transaction.state.log.num.partitions': '8',
  // Consumers are started one by one by a person or a test: waiting 3 s for more members only delays them.
  'group.initial.rebalance.delay.ms': '0',
}

/**
 * The apache/kafka image's environment variable for a broker setting: `log.retention.hours` is
 * `KAFKA_LOG_RETENTION_HOURS`. Source: "Environment Variables" in the image's documentation,
 * https://github.com/apache/kafka/blob/4.1/docker/examples/README.md (dots become underscores; a hyphen or an
 * underscore, which none of these settings has, would be escaped).
 */
export const imageVariable = (setting: string): string =>
  `KAFKA_${setting.toUpperCase().replaceAll('.', '_')}`
