import type { Engine } from './engines/engine.ts'
import { stateOnPort } from './engines/kafka/broker-on-port.ts'
import { isPortFree } from './engines/ports.ts'
import { addressOf } from './engines/service.ts'
import { SERVICES } from './engines/services.ts'

/**
 * Says whose broker Kafka's usual address is where it is not this run's: what is sent there would end up in another
 * program's. In lines; none where nothing can be mistaken.
 */
export async function whoseBroker(engine: Engine): Promise<readonly string[]> {
  const { port, addressAt } = SERVICES.kafka
  const own = addressOf(engine, 'kafka')
  if (own.split(',').some((address) => address.endsWith(`:${port}`)) || (await isPortFree(port))) return []
  const state = await stateOnPort(port)
  const holder = state === undefined ? 'to another program' : `to the run with --state ${state}`
  return [
    `WARNING ${addressAt(port)} is not this run's Kafka, it belongs ${holder}`,
    `        this run's Kafka is ${own}; --kafka-port gives it a port of its own`,
  ]
}
