import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kafka } from 'kafkajs'
import type { Clock } from '../../../../local/cloud/clock.ts'
import type { LocalFunction } from '../../../../local/cloud/lambda/function.ts'
import { EventSourceMapping } from '../../../../local/cloud/mapping/event-source-mapping.ts'
import type { MappingResource } from '../../../../local/cloud/mapping/mapping-resource.ts'
import type { MappingMetric } from '../../../../local/cloud/mapping/metrics.ts'
import type { TestKafka } from '../../../helpers/kafka.ts'

/** What a mapping told its owner. */
export interface Told {
  readonly retrying: { readonly reason: string; readonly pauseMs: number; readonly atMs: number }[]
  readonly waiting: string[]
  readonly reading: string[]
  readonly unreadable: string[]
  readonly restarted: string[]
  readonly unassigned: string[]
  /** Each metric's values, in their order. */
  readonly measured: Partial<Record<MappingMetric, number[]>>
}

/** What a mapping of a test may have around it. */
export interface Around {
  readonly clock?: Clock
  readonly destinationDirectory?: string
}

/** A started mapping of a topic, without a window, in a group of its own unless `resource` names one. */
export function startMapping(
  { kafka, bootstrapServers }: Pick<TestKafka, 'bootstrapServers'> & { readonly kafka: Kafka },
  target: LocalFunction,
  resource: Partial<MappingResource> & Pick<MappingResource, 'topic'>,
  around: Around = {},
) {
  const told: Told = {
    retrying: [],
    waiting: [],
    reading: [],
    unreadable: [],
    restarted: [],
    unassigned: [],
    measured: {},
  }
  const mapping = new EventSourceMapping(
    {
      name: 'mapping',
      functionId: target.resource.id,
      consumerGroupId: `group-${randomBytes(5).toString('hex')}`,
      batchSize: 100,
      windowSeconds: 0,
      startingPosition: 'TRIM_HORIZON',
      reportBatchItemFailures: false,
      ...resource,
    },
    {
      kafka,
      bootstrapServers,
      target,
      destinationDirectory: join(tmpdir(), 'keeper-no-destinations'),
      ...around,
      events: {
        retrying: (_, reason, pauseMs) => told.retrying.push({ reason, pauseMs, atMs: Date.now() }),
        waiting: (_, reason) => told.waiting.push(reason),
        reading: (name) => told.reading.push(name),
        unreadable: (_, reason) => told.unreadable.push(reason),
        restarted: (_, reason) => told.restarted.push(reason),
        unassigned: (_, reason) => told.unassigned.push(reason),
        measured: (_, metric, value) => {
          told.measured[metric] = [...(told.measured[metric] ?? []), value]
        },
      },
    },
  )
  mapping.start()
  return { mapping, told, group: mapping.resource.consumerGroupId }
}

/** Whether a mapping has read so many records in all. */
export const hasPolled = ({ measured }: Told, count: number): boolean =>
  (measured.PolledEventCount ?? []).reduce((sum, value) => sum + value, 0) >= count

/** A group's committed offsets by partition; -1 where there is none, empty while the broker cannot say. */
export async function committed(
  { admin }: Pick<TestKafka, 'admin'>,
  groupId: string,
  topic: string,
): Promise<number[]> {
  const [of] = await admin.fetchOffsets({ groupId, topics: [topic] }).catch(() => [])
  const partitions = [...(of?.partitions ?? [])].sort((a, b) => a.partition - b.partition)
  return partitions.map(({ offset }) => Number(offset))
}

/** Sends `count` small messages to one partition. */
export const fill = (kafka: TestKafka, topic: string, partition: number, count: number, from = 0) =>
  kafka.produce(
    topic,
    Array.from({ length: count }, (_, index) => ({ partition, value: `${from + index}` })),
  )
