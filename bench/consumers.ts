import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ConsumerInput } from './consumer-worker.ts'
import { timed } from './measure.ts'

/** One of several consumers at once, with its own connection and thread, as each function has its own process. */
export interface BenchConsumer {
  /** Hands the input over before the clock starts. */
  prepare(input: ConsumerInput): Promise<void>
  /** Consumes the prepared input. */
  consume(): Promise<void>
  close(): Promise<void>
}

export function startConsumer(databaseUrl: string): BenchConsumer {
  const worker = new Worker(new URL('consumer-worker.ts', import.meta.url), { workerData: { databaseUrl } })
  const ask = async (message: ConsumerInput | 'consume') => {
    const done = once(worker, 'message')
    worker.postMessage(message)
    await done
  }
  return {
    prepare: ask,
    consume: () => ask('consume'),
    close: async () => void (await worker.terminate()),
  }
}

/** Milliseconds until all consumers, running at once, have consumed their input. */
export const consumeTogether = (consumers: readonly BenchConsumer[]): Promise<number> =>
  timed(() => Promise.all(consumers.map((consumer) => consumer.consume())))
