import { expect, test } from '@jest/globals'
import { TimeLag } from '../../../../local/cloud/cloudwatch/time-lag.ts'

/** Looks each minute at where the partition ends and where the group is. */
function looks(...looked: readonly (readonly [end: number, next: number])[]): readonly number[] {
  const lag = new TimeLag()
  return looked.map(([end, next], minute) => lag.seconds(minute * 60_000, end, next))
}

test('a group that has read everything is not behind', () => {
  expect(looks([10, 10], [20, 20], [20, 20])).toEqual([0, 0, 0])
})

test('a group that stands still is further behind each minute', () => {
  expect(looks([10, 10], [20, 10], [30, 10], [30, 10])).toEqual([0, 60, 120, 180])
})

test('between two looks records are taken to have come evenly', () => {
  expect(looks([0, 0], [60, 30], [120, 90], [180, 179])).toEqual([0, 30, 30, 1])
})

test('of what was there before the first look it is known only that it has waited since', () => {
  expect(looks([100, 10], [100, 10], [100, 50], [100, 100])).toEqual([0, 60, 120, 0])
})
