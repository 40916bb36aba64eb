import { describe, expect, test } from '@jest/globals'
import type { AlarmState } from '../../../../local/cloud/cloudwatch/alarm-evaluation.ts'
import { ruleHolds } from '../../../../local/cloud/cloudwatch/composite-alarm.ts'

const STATES: Readonly<Record<string, AlarmState>> = {
  high: 'ALARM',
  'two words': 'ALARM',
  low: 'OK',
  new: 'INSUFFICIENT_DATA',
}
const holds = (rule: string) => ruleHolds(rule, (name) => STATES[name])

describe('an alarm rule', () => {
  test.each([
    ['ALARM(high)', true],
    ['ALARM("two words")', true],
    ['ALARM("arn:aws:cloudwatch:us-east-1:000000000000:alarm:two words")', true],
    ['OK(high)', false],
    ['OK(low) AND INSUFFICIENT_DATA(new)', true],
    ['ALARM(low) OR ALARM(high) AND FALSE', false],
    ['(ALARM(low) OR ALARM(high)) AND TRUE', true],
    ['NOT ALARM(low) AND NOT (OK(low) OR FALSE)', false],
    [' ( NOT ( ALARM( "low" ) ) ) ', true],
  ])('%s holds: %s', (rule, expected) => expect(holds(rule)).toBe(expected))

  test.each([
    ['ALARM(other)', 'AlarmRule ALARM(other): other is not evaluated here'],
    ['TRUE OR ALARM(other)', 'other is not evaluated here'],
    ['AT_LEAST(2, ALARM, (a, b))', 'AT_LEAST(2, ALARM, (a, b)) is not known here'],
    ['(TRUE', ') is missing'],
    ['TRUE TRUE', 'TRUE is not expected'],
    ['NOT', 'the end is not expected'],
    ['', 'AlarmRule (known in AWS only): the end is not expected'],
  ])('%s is refused with what is wrong', (rule, message) => expect(() => holds(rule)).toThrow(message))
})
