import { describe, expect, test } from '@jest/globals'
import { keeperApp } from '../../bin/keeper.ts'
import { PROFILES } from '../../lib/config.ts'
import { readSettings } from '../../lib/settings.ts'

const settingsWith = (context: Record<string, unknown>) => readSettings(keeperApp({ context }).node)

describe('the settings', () => {
  test('are a dev stage of size dev that collects German deals, unless the context says otherwise', () => {
    expect(settingsWith({})).toEqual({
      stage: 'dev',
      size: 'dev',
      profile: PROFILES.dev,
      dealDomains: ['de'],
      buyBox: 'on',
      alarmEmail: undefined,
      runbookUrl: 'docs/runbook.md',
      existing: {},
    })
  })

  test('come from the context', () => {
    expect(
      settingsWith({
        stage: 'prod',
        size: 'large',
        dealDomains: 'de,co.uk',
        buyBox: 'off',
        alarmEmail: 'ops@example.com',
        runbookUrl: 'https://example.com/runbook.md',
      }),
    ).toEqual({
      stage: 'prod',
      size: 'large',
      profile: PROFILES.large,
      dealDomains: ['de', 'co.uk'],
      buyBox: 'off',
      alarmEmail: 'ops@example.com',
      runbookUrl: 'https://example.com/runbook.md',
      existing: {},
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

  test.each(['no', true, ''])('refuse the buy box "%s" and say what it takes', (buyBox) => {
    expect(() => settingsWith({ buyBox })).toThrow(/use -c buyBox=on or -c buyBox=off/)
  })

  test.each(['xx', 'de,', ''])('refuse the marketplaces "%s" and list those there are', (dealDomains) => {
    expect(() => settingsWith({ dealDomains })).toThrow(/give -c dealDomains=<list> any of com,co.uk,de,/)
  })

  test.each(['', 'ops', 'ops@example', 'a b@example.com'])(
    'refuse "%s" as the address that alarms go to',
    (alarmEmail) => {
      expect(() => settingsWith({ alarmEmail })).toThrow(/is no e-mail address; give one with -c alarmEmail/)
    },
  )

  test('refuse a runbook address that an anchor cannot follow', () => {
    expect(() => settingsWith({ runbookUrl: 'https://example.com/#top' })).toThrow('has a space or #')
  })
})
