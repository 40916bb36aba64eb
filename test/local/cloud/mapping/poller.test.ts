import { describe, expect, test } from '@jest/globals'
import { MAX_RECORD_BYTES } from '../../../../local/cloud/mapping/batch.ts'
import { Poller, type PollerOptions } from '../../../../local/cloud/mapping/poller.ts'
import { bufferRecord } from '../../../../local/cloud/mapping/record.ts'
import { numbers, until } from '../../until.ts'

const record = (offset: number, value = 'x') =>
  bufferRecord('t', 0, {
    key: null,
    value: Buffer.from(value),
    offset: String(offset),
    timestamp: '0',
    attributes: 0,
    headers: {},
  })

function start(options: Partial<PollerOptions> = {}) {
  const seen = { delivered: [] as number[][], committed: [] as bigint[], retried: 0, rooms: 0 }
  const poller = new Poller({
    batchSize: 10,
    windowMs: 0,
    deliver: async (records) => {
      seen.delivered.push(records.map(({ offset }) => Number(offset)))
      return { left: [], reason: '' }
    },
    commit: async (offset) => void seen.committed.push(offset),
    onRoom: () => {
      seen.rooms += 1
    },
    onRetry: () => {
      seen.retried += 1
    },
    ...options,
  })
  return { poller, seen, ended: poller.run() }
}

describe('a poller', () => {
  test('is full when it holds what two invocations carry, and says when there is room again', async () => {
    const { poller, seen, ended } = start({ batchSize: 10_000 })
    const value = 'x'.repeat(100_000)
    let added = 0
    while (!poller.isFull) poller.add([record(added++, value)])
    expect(added).toBe(Math.ceil((2 * MAX_RECORD_BYTES) / record(0, value).bytes))
    expect(seen.rooms).toBe(0)
    await until(() => seen.delivered.length === 3)
    expect(seen.rooms).toBe(3)
    expect(poller.isFull).toBe(false)
    expect(seen.delivered.flat()).toEqual(numbers(added))
    poller.stop()
    await ended
  })

  test('delivers a record that is larger than a payload alone', async () => {
    const { poller, seen, ended } = start()
    poller.add([record(0), record(1, 'x'.repeat(7_000_000)), record(2)])
    await until(() => seen.delivered.length === 3)
    expect(seen.delivered).toEqual([[0], [1], [2]])
    poller.stop()
    await ended
  })

  test('commits nothing of a batch that was forgotten while it was delivered', async () => {
    const gate = Promise.withResolvers<void>()
    const calls: number[] = []
    const { poller, seen, ended } = start({
      deliver: async (records) => {
        calls.push(records.length)
        if (calls.length === 1) await gate.promise
        return { left: [], reason: '' }
      },
    })
    poller.add([record(0), record(1)])
    await until(() => calls.length === 1)
    poller.forget()
    gate.resolve()
    poller.add([record(0)])
    await until(() => seen.committed.length > 0)
    expect(seen.committed).toEqual([1n])
    poller.stop()
    await ended
  })

  test('delivers again a batch that came after records were forgotten and failed', async () => {
    let calls = 0
    const { poller, seen, ended } = start({
      deliver: async (records) => {
        calls += 1
        return calls === 1 ? { left: records, reason: 'not yet' } : { left: [], reason: '' }
      },
    })
    poller.forget()
    poller.add([record(0)])
    await until(() => seen.committed.length === 1)
    expect([calls, seen.retried]).toEqual([2, 1])
    poller.stop()
    await ended
  })
})
