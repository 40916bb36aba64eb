import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ReadRecord } from '../../../../lambdas/operator/kafka/read-records.ts'
import type { Page } from '../../../../lambdas/operator/operation.ts'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { stoppableBroker } from '../../../helpers/stoppable.ts'
import { type TestOperator, testOperator } from '../../operating.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..', '..')

let broker: Awaited<ReturnType<typeof stoppableBroker>>
let kafka: TestKafka
let operator: TestOperator
beforeAll(async () => {
  broker = await stoppableBroker()
  kafka = await testKafka(broker.bootstrapServers)
  operator = await testOperator(broker.bootstrapServers)
}, 60_000)
afterAll(async () => {
  await Promise.all([operator?.close(), kafka?.close()])
  await broker?.dispose()
})

const texts = Array.from({ length: 200 }, (_, index) => `{"asin": "B07W6JN8V8", "current_price": ${index}}`)

/** A topic whose one batch the broker has compressed. */
async function compressed(codec: string): Promise<string> {
  const topic = `in-${codec}-${Math.random().toString(36).slice(2)}`
  const configEntries = [{ name: 'compression.type', value: codec }]
  await kafka.admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }] })
  await kafka.produce(
    topic,
    texts.map((value) => ({ value })),
  )
  return topic
}

const read = (topic: string) => operator.ask('messages.read', { topic }, 'read')

describe('messages that somebody compressed', () => {
  test.each(['gzip', 'snappy', 'lz4', 'zstd'])('are read: %s', async (codec) => {
    const { rows } = (await read(await compressed(codec))) as Page<ReadRecord, unknown>
    expect(rows.map(({ value }) => value && 'text' in value && value.text)).toEqual(texts)
  })

  test('and are broken are refused with the codec, and with how to read on behind them', async () => {
    const topic = await compressed('snappy')
    await broker.stop()
    const log = join(broker.dir, 'data', `${topic}-0`, '00000000000000000000.log')
    const bytes = await readFile(log)
    // The length of the first block: behind the batch's header (61 bytes) and that of Java's Snappy (16).
    await writeFile(log, bytes.fill(0xff, 77, 81))
    await broker.start()
    expect(await read(topic)).toMatch(
      /^messages_unreadable: A batch that is compressed with snappy cannot be read: .*Begin behind it/,
    )
  })
})

test.each(['lz4.ts', 'snappy.ts'])(
  'the decoder is the one of the local mapping, which imports nothing of ours: %s',
  async (file) => {
    const [ours, theirs] = ['lambdas/operator', 'local/cloud'].map((folder) =>
      readFile(join(ROOT, folder, 'kafka', 'compression', file), 'utf8'),
    )
    expect(await ours).toBe(await theirs)
  },
)
