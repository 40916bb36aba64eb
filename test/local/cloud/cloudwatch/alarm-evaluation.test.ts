import { describe, expect, test } from '@jest/globals'
import { type AlarmState, evaluate } from '../../../../local/cloud/cloudwatch/alarm-evaluation.ts'
import type { AlarmRule, Datapoint } from '../../../../local/cloud/cloudwatch/alarm-rule.ts'

const MINUTE_MS = 60_000

const rule = (more: Partial<AlarmRule> = {}): AlarmRule => ({
  comparison: 'GreaterThanThreshold',
  threshold: 10,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  missing: 'missing',
  ...more,
})

/** AWS's signs: 0 is within the threshold, X breaches it, - is missing. */
const range = (signs: string): readonly Datapoint[] =>
  signs.split(' ').map((sign, index) => ({
    atMs: index * MINUTE_MS,
    value: sign === '-' ? undefined : sign === 'X' ? 11 : 0,
  }))

const STATES: readonly AlarmState[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA']

/** The state that follows whatever was before, or `retained`. */
function outcome(given: AlarmRule, signs: string): string {
  const after = STATES.map((before) => evaluate(given, range(signs), before).state)
  if (STATES.every((before, index) => after[index] === before)) return 'retained'
  return [...new Set(after)].join(' or ')
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
describe("the rows of AWS's tables on missing data", () => {
  test.each([
    ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
    ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', 'INSUFFICIENT_DATA', 'retained', 'ALARM', 'OK'],
    ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 'ALARM', 'retained', 'ALARM', 'OK'],
  ])('3 of 3: %s', (signs, ...expected) => {
    const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const
    expect(treatments.map((missing) => outcome(rule({ missing }), signs))).toEqual(expected)
  })

  test.each([
    ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - X -', 'ALARM', 'retained', 'ALARM', 'OK'],
  ])('2 of 3: %s', (signs, ...expected) => {
    const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const
    expect(treatments.map((missing) => outcome(rule({ missing, datapointsToAlarm: 2 }), signs))).toEqual(
      expected,
    )
  })

  test.each(['- - - - X', '- - - X -'])('a single breaching datapoint is no alarm yet: %s', (signs) => {
    expect(outcome(rule(), signs)).toBe('retained')
  })

  test('the ones that are not missing decide, from further back where it must be', () => {
    expect(outcome(rule({ datapointsToAlarm: 2, missing: 'breaching' }), 'X X - 0 -')).toBe('ALARM')
    expect(outcome(rule({ missing: 'breaching' }), 'X 0 - X -')).toBe('OK')
  })
})

describe('an alarm without missing data', () => {
  test.each([
    ['GreaterThanThreshold', 'ALARM', 'OK', 'OK'],
    ['GreaterThanOrEqualToThreshold', 'ALARM', 'ALARM', 'OK'],
    ['LessThanThreshold', 'OK', 'OK', 'ALARM'],
    ['LessThanOrEqualToThreshold', 'OK', 'ALARM', 'ALARM'],
  ])('compares as %s says', (comparison, ...expected) => {
    const one = rule({ comparison, evaluationPeriods: 1, datapointsToAlarm: 1 })
    const states = [11, 10, 9].map((value) => evaluate(one, [{ atMs: 0, value }], 'INSUFFICIENT_DATA').state)
    expect(states).toEqual(expected)
  })

  test('says why, in the words of CloudWatch', () => {
    const given = rule({ datapointsToAlarm: 2 })
    expect(evaluate(given, range('0 0 X 0 X'), 'OK').reason).toBe(
      'Threshold Crossed: 2 out of the last 3 datapoints [11.0 (01/01/70 00:04:00), 11.0 (01/01/70 00:02:00)] were greater than the threshold (10.0) (minimum 2 datapoints for OK -> ALARM transition).',
    )
    expect(evaluate(given, range('X X 0 0 X'), 'ALARM').reason).toBe(
      'Threshold Crossed: 2 out of the last 3 datapoints [0.0 (01/01/70 00:03:00), 0.0 (01/01/70 00:02:00)] were not greater than the threshold (10.0) (minimum 2 datapoints for ALARM -> OK transition).',
    )
    expect(evaluate(given, range('- - - - -'), 'OK').reason).toBe(
      'Insufficient Data: 3 datapoints were unknown.',
    )
    expect(evaluate(rule({ missing: 'breaching' }), range('- - - - -'), 'OK').reason).toBe(
      'Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].',
    )
  })
})

describe('the time before the run', () => {
  test('is no silence: missing data breach from its start on', () => {
    const silent = rule({ missing: 'breaching' })
    const at = (knownSinceMs: number) =>
      evaluate(silent, range('- - - - -'), 'INSUFFICIENT_DATA', knownSinceMs).state
    expect([at(5 * MINUTE_MS), at(3 * MINUTE_MS), at(2 * MINUTE_MS)]).toEqual([
      'INSUFFICIENT_DATA',
      'INSUFFICIENT_DATA',
      'ALARM',
    ])
  })
})
