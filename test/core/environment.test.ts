import { describe, expect, test } from '@jest/globals'
import { oneOf, optional, required } from '../../lambdas/core/environment.ts'
import * as ENVIRONMENT from '../../lambdas/core/environment-names.ts'
import * as TOPICS from '../../lambdas/core/topics.ts'

describe('a variable that must be there', () => {
  test('is its value without white space around it', () => {
    expect(required({ DEAL_DOMAINS: ' de,com ' }, ENVIRONMENT.dealDomains)).toBe('de,com')
  })

  test.each([undefined, '', '  '])('as %p it is missing, by name and with where it is set', (value) => {
    expect(() => required({ DEAL_DOMAINS: value }, ENVIRONMENT.dealDomains)).toThrow(
      expect.objectContaining({
        code: 'environment_missing',
        message: expect.stringMatching(/^DEAL_DOMAINS is not set\..*keeper-function\.ts.*differences\.ts/),
      }),
    )
  })
})

test('a variable with a default has it where it is unset or blank', () => {
  expect(optional({}, TOPICS.prices.setting, 'price-updates')).toBe('price-updates')
  expect(optional({ KAFKA_TOPIC_PRICES: ' ' }, TOPICS.prices.setting, 'price-updates')).toBe('price-updates')
  expect(optional({ KAFKA_TOPIC_PRICES: 'mine' }, TOPICS.prices.setting, 'price-updates')).toBe('mine')
})

describe('a variable of a few values', () => {
  const read = (value?: string) =>
    oneOf({ KAFKA_AUTHENTICATION: value }, ENVIRONMENT.kafkaAuthentication, ['none', 'iam'])

  test('is one of them, the first where it is unset', () => {
    expect([read(), read(''), read('iam')]).toEqual(['none', 'none', 'iam'])
  })

  test('as any other it is refused with the values that are taken', () => {
    expect(() => read('IAM')).toThrow('KAFKA_AUTHENTICATION is "IAM": use one of none, iam.')
  })
})

test('no two settings share a variable', () => {
  expect(new Set(Object.values(ENVIRONMENT)).size).toBe(Object.keys(ENVIRONMENT).length)
})
