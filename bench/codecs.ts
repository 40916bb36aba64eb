import { PriceStream } from './input.ts'
import type { Engines, Group } from './measure.ts'
import { PARTITIONS, pricePipeline } from './price-pipeline.ts'
import { throughMapping } from './topic-to-rows.ts'

const EVENTS = 60_000
const BATCH = 1_000

/** What Kafka's codecs cost on the way through the local mapping: the broker compresses, the mapping reads. */
export async function codecBenches(engines: Engines): Promise<Group> {
  const pipeline = await pricePipeline(engines, 'bench_codecs')
  const stream = new PriceStream(6)
  return {
    benches: [
      {
        group: 'codecs',
        name: 'topic to rows, by codec',
        what: 'events a second from a topic that is compressed to the last row, the mapping and the consumer being started',
        input: `${EVENTS} price events in ${PARTITIONS} partitions, batches of ${BATCH}`,
        unit: 'events/s',
        peers: ['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) => ({
          name: codec,
          run: () => throughMapping(pipeline, stream, EVENTS, BATCH, codec),
        })),
      },
    ],
    close: pipeline.close,
  }
}
