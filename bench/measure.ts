/** How benches are run and what is made of their figures. */

/** One of several ways of doing the same work, measured in turn in one run. */
export interface Peer {
  readonly name: string
  /** Does the work once and says how much it was and how long it took. */
  readonly run: () => Promise<Sample>
}

/** Work done, in the bench's unit (events, rows), in milliseconds. */
export interface Sample {
  readonly units: number
  readonly ms: number
}

/** What is measured, on what, against what. */
export interface Bench {
  readonly group: string
  readonly name: string
  /** What a figure of this bench means. */
  readonly what: string
  readonly input: string
  readonly unit: string
  /** The first is what the others are compared with. */
  readonly peers: readonly Peer[]
}

/** The benches of a group, and what ends what they started. */
export interface Group {
  readonly benches: readonly Bench[]
  close(): Promise<void>
}

/** The servers that benches use, of this run alone. */
export interface Engines {
  readonly databaseUrl: string
  readonly bootstrapServers: string
}

/** One peer's figures over all rounds. */
export interface Figures {
  readonly peer: string
  /** Units a second: median, least and most. */
  readonly rate: number
  readonly least: number
  readonly most: number
  /** Median of the ratios to the first peer, round by round. */
  readonly ratio: number
}

/** A bench with its figures, as bench/results.json holds it. */
export interface Result extends Omit<Bench, 'peers'> {
  readonly rounds: number
  readonly figures: readonly Figures[]
}

/**
 * Runs the peers in turn, round by round, so that a machine that slows down slows all of them; one round before the
 * first is not counted. The order turns with each round.
 */
export async function measure(
  bench: Bench,
  rounds: number,
  progress: (line: string) => void,
): Promise<Result> {
  const rates = bench.peers.map((): number[] => [])
  for (let round = 0; round <= rounds; round += 1) {
    for (let turn = 0; turn < bench.peers.length; turn += 1) {
      const index = (turn + round) % bench.peers.length
      const peer = bench.peers[index]
      if (!peer) continue
      progress(
        `${bench.group}: ${bench.name}, ${peer.name}, ${round === 0 ? 'warm-up' : `${round} of ${rounds}`}`,
      )
      const { units, ms } = await peer.run()
      if (round > 0) rates[index]?.push((units / ms) * 1000)
    }
  }
  const first = rates[0] ?? []
  const { peers, ...description } = bench
  return {
    ...description,
    rounds,
    figures: peers.map(({ name }, index) => {
      const own = rates[index] ?? []
      return {
        peer: name,
        rate: median(own),
        least: Math.min(...own),
        most: Math.max(...own),
        ratio: median(own.map((rate, round) => rate / (first[round] ?? Number.NaN))),
      }
    }),
  }
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Milliseconds that some work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
