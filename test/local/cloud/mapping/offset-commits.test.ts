import { describe, expect, test } from '@jest/globals'
import { OffsetCommits, type Offsets } from '../../../../local/cloud/mapping/offset-commits.ts'
import { until } from '../../until.ts'

/** Commits that a coordinator answers when it is told to. */
function withCoordinator() {
  const requests: [number, bigint][][] = []
  const answers: ((isCommitted: boolean) => void)[] = []
  const commits = new OffsetCommits((offsets: Offsets) => {
    requests.push([...offsets])
    return new Promise((resolve) => answers.push(resolve))
  })
  const answer = async (isCommitted = true) => {
    answers.shift()?.(isCommitted)
    await new Promise(setImmediate)
  }
  return { commits, requests, answer }
}

describe('offsets that are done with', () => {
  test('go in one request where they come together', async () => {
    const { commits, requests, answer } = withCoordinator()
    commits.add(0, 5n)
    commits.add(1, 7n)
    await answer()
    expect(requests).toEqual([
      [
        [0, 5n],
        [1, 7n],
      ],
    ])
  })

  test('wait while a request is under way, and then the newest of each partition goes', async () => {
    const { commits, requests, answer } = withCoordinator()
    commits.add(0, 5n)
    await answer()
    for (const offset of [6n, 7n, 8n]) commits.add(0, offset)
    commits.add(1, 2n)
    expect(requests).toHaveLength(1)
    await answer()
    expect(requests).toEqual([
      [[0, 5n]],
      [
        [0, 8n],
        [1, 2n],
      ],
    ])
  })

  test('are settled once the last of them is answered', async () => {
    const { commits, answer } = withCoordinator()
    let settled = false
    commits.add(0, 5n)
    await answer()
    commits.add(0, 6n)
    void commits.settled().then(() => {
      settled = true
    })
    await answer()
    expect(settled).toBe(false)
    await answer()
    expect(settled).toBe(true)
  })

  test('are sent again where a commit fails, unless a newer one is there', async () => {
    const { commits, requests, answer } = withCoordinator()
    commits.add(0, 5n)
    commits.add(1, 7n)
    await answer()
    await answer(false)
    commits.add(0, 6n)
    await until(() => requests.length === 2)
    expect(requests[1]).toEqual([
      [0, 6n],
      [1, 7n],
    ])
    await answer()
    await commits.settled()
  })

  test('are not sent again where a commit fails while all ends', async () => {
    const { commits, requests, answer } = withCoordinator()
    commits.add(0, 5n)
    await answer()
    const settled = commits.settled()
    await answer(false)
    await settled
    expect(requests).toHaveLength(1)
  })

  test('are forgotten with what the group began anew, unless they are on their way', async () => {
    const { commits, requests, answer } = withCoordinator()
    commits.add(0, 5n)
    await answer()
    commits.add(0, 6n)
    commits.forget()
    await answer()
    expect(requests).toEqual([[[0, 5n]]])
    await commits.settled()
  })
})
