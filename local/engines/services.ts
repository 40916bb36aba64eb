import { KAFKA } from './kafka/service.ts'
import { POSTGRES } from './postgres/service.ts'
import type { Service, ServiceName } from './service.ts'

/** All that an engine can start, in the order in which it is spoken of. */
export const SERVICES: Readonly<Record<ServiceName, Service>> = { kafka: KAFKA, postgres: POSTGRES }

/** "Kafka and Postgres" */
export const titlesOf = (names: readonly ServiceName[]): string =>
  names.map((name) => SERVICES[name].title).join(' and ')
