import { priceConsumer } from '../lambdas/consumers/price-consumer/price-consumer.ts'
import { sortRecords } from '../lambdas/core/consuming/sort-records.ts'
import { bytesOf, type MskEvent, recordsByPartition } from '../lambdas/core/kafka/msk-event.ts'
import { PriceStream } from './input.ts'
import { type Bench, type Group, type Sample, timed } from './measure.ts'

const BATCH = 10_000
const BATCHES = 10

/** From an invocation's event to validated records, without a database. */
export async function decodeBenches(): Promise<Group> {
  const stream = new PriceStream(3)
  const events = Array.from({ length: BATCHES }, () => stream.nextEvent(BATCH))
  const over = (work: (event: MskEvent) => unknown) => async (): Promise<Sample> => ({
    units: BATCH * BATCHES,
    ms: await timed(async () => {
      for (const event of events) work(event)
    }),
  })
  const parseOnly = (event: MskEvent) =>
    recordsByPartition(event).flatMap(({ records }) =>
      records.map(({ value }) => JSON.parse(String(bytesOf(value)))),
    )
  const validate = (event: MskEvent) =>
    sortRecords(
      recordsByPartition(event).flatMap(({ records }) => records),
      priceConsumer,
      Date.now(),
    )
  const bench: Bench = {
    group: 'decode',
    name: 'from event to records',
    what: 'records a second through base64, JSON and validation',
    input: `${BATCHES} events of ${BATCH} price records`,
    unit: 'records/s',
    peers: [
      { name: 'base64 and JSON.parse alone', run: over(parseOnly) },
      { name: 'base64, JSON.parse and validation', run: over(validate) },
    ],
  }
  return { benches: [bench], close: async () => undefined }
}
