import { CONNECT } from './connect/service.ts'
import { KAFKA } from './kafka/service.ts'
import { OPENSEARCH } from './opensearch/service.ts'
import { POSTGRES } from './postgres/service.ts'
import type { Service, ServiceName } from './service.ts'

/** All that an engine can start, in the order in which it is spoken of. */
export const SERVICES: Readonly<Record<ServiceName, Service>> = {
  kafka: KAFKA,
  postgres: POSTGRES,
  opensearch: OPENSEARCH,
  connect: CONNECT,
}

/** "Kafka, Postgres and OpenSearch" */
export const titlesOf = (names: readonly ServiceName[]): string =>
  new Intl.ListFormat('en-GB').format(names.map((name) => SERVICES[name].title))
