import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { LastingFailure } from '../../../local/cloud/lasting-failure.ts'

let said: string[]
let trouble: LastingFailure

beforeEach(() => {
  jest.useFakeTimers()
  said = []
  trouble = new LastingFailure(
    3_000,
    (reason) => said.push(reason),
    () => said.push('over'),
  )
})
afterEach(() => {
  jest.useRealTimers()
})

function reportFor(seconds: number, reason: string): void {
  for (let second = 0; second < seconds; second += 1) {
    trouble.report(reason)
    jest.advanceTimersByTime(1_000)
  }
}

describe('trouble', () => {
  test('that is soon over is not said, nor its end', () => {
    reportFor(2, 'loading')
    trouble.over()
    expect(said).toEqual([])
  })

  test('that lasts is said again each minute', () => {
    reportFor(150, 'no broker')
    expect(said).toEqual(['no broker', 'no broker', 'no broker'])
  })

  test('that changes to and fro is not said each time', () => {
    for (let round = 0; round < 10; round += 1) reportFor(2, `reason ${round % 2}`)
    expect(said.sort()).toEqual(['reason 0', 'reason 1'])
  })

  test('of one part lasts though another part is well, and is over when all are', () => {
    for (let second = 0; second < 5; second += 1) {
      trouble.report('no coordinator', 'group')
      trouble.report('no leader', 'fetch')
      jest.advanceTimersByTime(1_000)
    }
    trouble.over('group')
    expect(said).toEqual(['no coordinator', 'no leader'])
    trouble.over('fetch')
    expect(said).toEqual(['no coordinator', 'no leader', 'over'])
  })

  test('that lasts is said once, again when it changes, and so is its end', () => {
    reportFor(10, 'no broker')
    reportFor(10, 'no topic')
    trouble.over()
    trouble.over()
    expect(said).toEqual(['no broker', 'no topic', 'over'])
  })

  test('that comes back has its quiet time again', () => {
    reportFor(10, 'no broker')
    trouble.over()
    reportFor(2, 'no broker')
    expect(said).toEqual(['no broker', 'over'])
  })
})
