import { randomUUID } from 'node:crypto'
import { join } from 'node:path'

/** What a test file gets to know of a broker that it has alone. */
export interface BrokerAnswer {
  readonly bootstrapServers: string
}

/** Brokers which one test file has at a time, as topics and groups of the app have fixed names; handed on when empty. */
export interface BrokerRoom {
  /** `/broker/take`, which starts one where none is free, and `/broker/give-back/<bootstrap servers>`. */
  answer(path: string): Promise<unknown>
  close(): Promise<void>
}

/** @param start starts a broker that keeps its data in a folder */
export function brokerRoom(
  dir: string,
  start: (dir: string) => Promise<BrokerAnswer & { stop(): Promise<void> }>,
): BrokerRoom {
  const stops: (() => Promise<void>)[] = []
  const free: string[] = []
  const take = async (): Promise<BrokerAnswer> => {
    const waiting = free.pop()
    if (waiting !== undefined) return { bootstrapServers: waiting }
    const { bootstrapServers, stop } = await start(join(dir, randomUUID()))
    stops.push(stop)
    return { bootstrapServers }
  }
  return {
    answer: async (path) => {
      if (path === '/broker/take') return take()
      free.push(decodeURIComponent(path.replace('/broker/give-back/', '')))
      return {}
    },
    close: async () => void (await Promise.all(stops.map((stop) => stop()))),
  }
}
