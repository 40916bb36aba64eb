import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Work } from './consumer-worker.ts'
import { timed } from './measure.ts'

/** A consumer beside others: on a connection and in a thread of its own, as functions are processes of their own. */
export interface BenchConsumer {
  /** Gives it what it is to consume, outside of what is measured. */
  prepare(work: Work): Promise<void>
  /** Consumes what it was given. */
  consume(): Promise<void>
  close(): Promise<void>
}

export function startConsumer(databaseUrl: string): BenchConsumer {
  const worker = new Worker(new URL('consumer-worker.ts', import.meta.url), { workerData: { databaseUrl } })
  const ask = async (message: Work | 'consume') => {
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

/** Milliseconds that consumers take for what each was given, all at once. */
export const consumeTogether = (consumers: readonly BenchConsumer[]): Promise<number> =>
  timed(() => Promise.all(consumers.map((consumer) => consumer.consume())))
