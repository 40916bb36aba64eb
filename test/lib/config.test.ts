import { describe, expect, test } from '@jest/globals'
import { keeperApp } from '../../bin/keeper.ts'
import { PROFILES, profileProblems, readSettings, type SizeProfile } from '../../lib/config.ts'

const settingsWith = (context: Record<string, unknown>) => readSettings(keeperApp({ context }).node)
const changed = (changes: {
  kafka?: Partial<SizeProfile['kafka']>
  consumers?: Partial<SizeProfile['consumers']>
}): SizeProfile => ({
  ...PROFILES.small,
  kafka: { ...PROFILES.small.kafka, ...changes.kafka },
  consumers: { ...PROFILES.small.consumers, ...changes.consumers },
})

describe('the settings', () => {
  test('are a dev stage of size dev that collects German deals, unless the context says otherwise', () => {
    expect(settingsWith({})).toEqual({ stage: 'dev', profile: PROFILES.dev, dealDomains: ['de'] })
  })

  test('come from the context', () => {
    expect(settingsWith({ stage: 'prod', size: 'large', dealDomains: 'de,co.uk' })).toEqual({
      stage: 'prod',
      profile: PROFILES.large,
      dealDomains: ['de', 'co.uk'],
    })
  })

  test('name the sizes there are when asked for another', () => {
    expect(() => settingsWith({ size: 'huge' })).toThrow(
      'There is no size profile "huge"; choose one of dev, small, large with -c size=<name>.',
    )
    expect(() => settingsWith({ size: 'toString' })).toThrow('There is no size profile "toString"')
  })

  test.each(['Prod', '1st', 'under_score', '', 'a-stage-of-too-many-letters'])(
    'refuse the stage "%s", which could not name a stack',
    (stage) => {
      expect(() => settingsWith({ stage })).toThrow(
        /^The stage ".*" cannot be part of a stack's name; choose/,
      )
    },
  )

  test.each(['xx', 'de,', ''])('refuse the marketplaces "%s" and list those there are', (dealDomains) => {
    expect(() => settingsWith({ dealDomains })).toThrow(/give -c dealDomains=<list> any of com,co.uk,de,/)
  })
})

describe('a size profile', () => {
  test.each(Object.entries(PROFILES))('%s can be deployed', (_, profile) => {
    expect(profileProblems(profile)).toEqual([])
  })

  test.each([
    [{ kafka: { brokers: 4 } }, 'make kafka.brokers (4) a multiple of availabilityZones (3).'],
    [{ kafka: { replicationFactor: 4 } }, 'lower kafka.replicationFactor (4) to at most kafka.brokers (3).'],
    [
      { consumers: { pollers: { minimum: 1, maximum: 7 } } },
      "lower consumers.pollers.maximum (7) to the topics' 6 partitions.",
    ],
  ])('%j is refused by one sentence that says what to change', (changes, advice) => {
    expect(profileProblems(changed(changes))).toEqual([expect.stringContaining(advice)])
  })
})
