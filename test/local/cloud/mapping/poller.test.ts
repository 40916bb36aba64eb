import { describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../../local/cloud/clock.ts'
import type { Part } from '../../../../local/cloud/mapping/partition-lane.ts'
import { PartitionLane } from '../../../../local/cloud/mapping/partition-lane.ts'
import { Poller, type PollerOptions } from '../../../../local/cloud/mapping/poller.ts'
import { BufferedRecord } from '../../../../local/cloud/mapping/record.ts'
import { numbers, until } from '../../until.ts'

const ROOM = 6_000_000

const record = (partition: number, offset: number, value = 'x') =>
  new BufferedRecord('t', partition, {
    key: null,
    value: Buffer.from(value),
    offset,
    timestampMs: 0,
    timestampType: 'CREATE_TIME',
    headers: [],
  })

/** Partitions with a poller whose batches succeed, unless `deliver` is given. */
function start(partitions: number, options: Partial<PollerOptions> = {}) {
  const seen = { delivered: [] as [number, number[]][][], rooms: 0, busy: 0, committed: [] as bigint[] }
  const poller = new Poller({
    batchSize: 10,
    windowMs: 0,
    roomBytes: ROOM,
    sliceBytes: () => 10,
    deliver: async (parts) => {
      seen.delivered.push(offsetsOf(parts))
      for (const part of parts) await part.lane.release(part, 'done')
    },
    onBusy: () => {
      seen.busy += 1
    },
    clock: systemClock,
    ...options,
  })
  const lanes = numbers(partitions).map(
    (partition) =>
      new PartitionLane({
        partition,
        readAheadBytes: 2 * ROOM,
        commit: async (offset) => void seen.committed.push(offset),
        onRoom: () => {
          seen.rooms += 1
        },
        onFree: () => poller.wake(),
      }),
  )
  const add = (partition: number, offsets: readonly number[], value?: string) => {
    const last = offsets.at(-1) ?? 0
    lanes[partition]?.add(
      offsets.map((offset) => record(partition, offset, value)),
      BigInt(last) + 1n,
    )
    poller.wake()
  }
  for (const lane of lanes) poller.own(lane)
  const stop = async (ended: Promise<void>) => {
    poller.stop()
    await ended
  }
  return { poller, lanes, seen, add, stop, run: () => poller.run() }
}

const offsetsOf = (parts: readonly Part[]): [number, number[]][] =>
  parts.map(({ partition, records }) => [partition, records.map(({ offset }) => Number(offset))])

/** The only lane of a poller. */
function only(lanes: readonly PartitionLane[]): PartitionLane {
  const [lane] = lanes
  if (!lane || lanes.length > 1) throw new Error(`There are ${lanes.length} lanes, and the test means one.`)
  return lane
}

describe('a lane', () => {
  test('is full when it holds what two invocations carry, and says when there is room again', async () => {
    const { lanes, seen, add, stop, run } = start(1, { batchSize: 10_000 })
    const lane = only(lanes)
    const value = 'x'.repeat(100_000)
    let added = 0
    while (!lane.isFull) add(0, [added++], value)
    expect(added).toBe(Math.ceil((2 * ROOM) / record(0, 0, value).bytes))
    const ended = run()
    await until(() => seen.delivered.length === 3)
    expect(seen.rooms).toBe(3)
    expect(lane.isFull).toBe(false)
    expect(seen.delivered.flatMap((parts) => parts[0]?.[1] ?? [])).toEqual(numbers(added))
    await stop(ended)
  })

  test('commits nothing of a part that was forgotten while it was under way', async () => {
    const { lanes, seen, add } = start(1)
    const lane = only(lanes)
    add(0, [0, 1])
    const part = lane.take(10, ROOM)
    lane.forget()
    lane.commit(part, 2n)
    expect(seen.committed).toEqual([])
    add(0, [0, 1])
    lane.commit(lane.take(10, ROOM), 2n)
    expect(seen.committed).toEqual([2n])
  })

  test('commits what the filter dropped, once all that it kept before is done', async () => {
    const { lanes, seen } = start(1)
    const lane = only(lanes)
    lane.add([record(0, 3)], 9n)
    const part = lane.take(10, ROOM)
    lane.add([], 12n)
    expect(seen.committed).toEqual([])
    lane.commit(part, 4n)
    lane.release(part, 'done')
    expect(seen.committed).toEqual([4n, 12n])
    lane.add([], 15n)
    expect(seen.committed).toEqual([4n, 12n, 15n])
  })
})

describe('a poller', () => {
  test('delivers a record that is larger than a payload alone', async () => {
    const { seen, add, stop, run } = start(1)
    add(0, [0])
    add(0, [1], 'x'.repeat(7_000_000))
    add(0, [2])
    const ended = run()
    await until(() => seen.delivered.length === 3)
    expect(seen.delivered).toEqual([[[0, [0]]], [[0, [1]]], [[0, [2]]]])
    await stop(ended)
  })

  test('puts what several partitions have waiting into one batch', async () => {
    const { seen, add, stop, run } = start(3)
    add(0, [0, 1])
    add(2, [7])
    add(1, [5])
    const ended = run()
    await until(() => seen.delivered.length === 1)
    expect(seen.delivered).toEqual([
      [
        [0, [0, 1]],
        [1, [5]],
        [2, [7]],
      ],
    ])
    await stop(ended)
  })

  test('lets every partition have its turn', async () => {
    const { seen, add, stop, run } = start(2)
    add(0, numbers(30))
    add(1, numbers(10))
    const ended = run()
    await until(() => seen.delivered.length === 4)
    expect(seen.delivered.map((parts) => parts[0]?.[0])).toEqual([0, 1, 0, 0])
    await stop(ended)
  })

  test('has five invocations under way at most, and says that it is busy', async () => {
    const gate = Promise.withResolvers<void>()
    const delivered: number[] = []
    const { seen, add, stop, run } = start(8, {
      batchSize: 1,
      deliver: async (parts) => {
        delivered.push(...parts.map(({ partition }) => partition))
        await gate.promise
        for (const part of parts) await part.lane.release(part, 'done')
      },
    })
    for (const partition of numbers(8)) add(partition, [0])
    const ended = run()
    await until(() => seen.busy > 0)
    expect(delivered).toEqual(numbers(5))
    gate.resolve()
    await until(() => delivered.length === 8)
    await stop(ended)
  })

  test('gives half of its waiting partitions away, and never the last', () => {
    const { poller, add } = start(5)
    expect(poller.giveAway()).toEqual([])
    for (const partition of numbers(4)) add(partition, [0])
    expect(poller.giveAway().map(({ partition }) => partition)).toEqual([0, 2])
    expect(poller.partitions).toBe(3)
    const alone = start(1)
    alone.add(0, [0])
    expect(alone.poller.giveAway()).toEqual([])
  })
})
