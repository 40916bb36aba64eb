import type { Admin } from 'kafkajs'
import type pg from 'pg'
import { groupPositions, lagOf } from './cloud/kafka/group-positions.ts'
import type { MappingResource } from './cloud/mapping/mapping-resource.ts'

/** What can be seen of any app's topics, read from Kafka itself. */
export interface KafkaFacts {
  readonly flows: readonly Flow[]
}

/** What can be seen of the running pipeline, read from Kafka and Postgres themselves. */
export interface Facts extends KafkaFacts {
  readonly historyRows: number
  readonly products: number
  readonly watches: number
  readonly alerts: number
  readonly rejected: number
  readonly newestAlert: string | undefined
}

/** One topic and its consumer group. */
export interface Flow {
  readonly topic: string
  readonly group: string
  /** Messages ever sent to the topic. */
  readonly events: number
  /** Messages that the group has not done with. */
  readonly lag: number
}

const COUNTS = `
select
  (select count(*)::integer from price_history) as "historyRows",
  (select count(*)::integer from watched_products) as products,
  (select count(*)::integer from watches where status = 'ACTIVE') as watches,
  (select count(*)::integer from price_alerts) as alerts,
  (select count(*)::integer from rejected_records) as rejected,
  (
    select format('%s: %s %s, target %s', product.title, alert.triggered_price, product.currency, alert.target_price)
    from price_alerts as alert
    join watches as watch on watch.id = alert.watch_id
    join watched_products as product on product.id = watch.product_id
    order by alert.id desc limit 1
  ) as "newestAlert"
`

/** Reads the facts; throws what Kafka or Postgres throws. */
export async function readFacts(
  admin: Admin,
  client: pg.ClientBase | pg.Pool,
  mappings: readonly MappingResource[],
): Promise<Facts> {
  const { rows } = await client.query<Omit<Facts, 'flows'>>(COUNTS)
  const { flows } = await readKafkaFacts(admin, mappings)
  const [counts] = rows
  if (!counts) throw new Error('Postgres gave no counts')
  return { flows, ...counts, newestAlert: counts.newestAlert ?? undefined }
}

/** Reads the facts of an app that has no tables of ours; throws what Kafka throws. */
export async function readKafkaFacts(
  admin: Admin,
  mappings: readonly MappingResource[],
): Promise<KafkaFacts> {
  return { flows: await Promise.all(mappings.map((mapping) => readFlow(admin, mapping))) }
}

async function readFlow(admin: Admin, { topic, consumerGroupId }: MappingResource): Promise<Flow> {
  const positions = await groupPositions(admin, topic, consumerGroupId)
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
  return {
    topic,
    group: consumerGroupId,
    events: sum(positions.map(({ end }) => end)),
    lag: sum(positions.map(lagOf)),
  }
}
