import { describe, expect, test } from '@jest/globals'
import { keeperApp } from '../../bin/keeper.ts'
import { PROFILES } from '../../lib/config.ts'
import { recordOf } from '../../lib/deployed-stage.ts'
import { readSettings } from '../../lib/settings.ts'
import { existingContext } from './existing-parts.ts'

const settingsWith = (context: Record<string, unknown>) => readSettings(keeperApp({ context }).node, {})

describe('the settings', () => {
  test('are a dev stage of size dev that collects German deals, unless the context says otherwise', () => {
    expect(settingsWith({})).toEqual({
      stage: 'dev',
      size: 'dev',
      profile: PROFILES.dev,
      dealDomains: ['de'],
      buyBox: 'on',
      publicLinks: 'off',
      search: 'off',
      keepDays: { messages: 365, rejected: 90 },
      historyYears: 3,
      historyMonths: { kept: undefined, unthinned: 3 },
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
        publicLinks: 'on',
        search: 'true',
        keepMessagesDays: '400',
        keepRejectedDays: 7,
        historyYears: '1',
        historyRetention: '24',
        historyThinning: 'off',
        alarmEmail: 'ops@example.com',
        runbookUrl: 'https://example.com/runbook.md',
      }),
    ).toEqual({
      stage: 'prod',
      size: 'large',
      profile: PROFILES.large,
      dealDomains: ['de', 'co.uk'],
      buyBox: 'off',
      publicLinks: 'on',
      search: 'on',
      keepDays: { messages: 400, rejected: 7 },
      historyYears: 1,
      historyMonths: { kept: 24, unthinned: undefined },
      alarmEmail: 'ops@example.com',
      runbookUrl: 'https://example.com/runbook.md',
      existing: {},
    })
  })

  test('take a sender that can be part of an ARN', () => {
    expect(settingsWith({ mailFrom: 'keeper+a@mail.example.com' }).mailFrom).toBe('keeper+a@mail.example.com')
  })

  test.each(['keeper', '*@example.com', 'a?b@example.com', 'Keeper <keeper@example.com>', 'a@b'])(
    'refuse the sender %s',
    (mailFrom) => {
      expect(() => settingsWith({ mailFrom })).toThrow(`mailFrom is "${mailFrom}": set -c mailFrom=<address>`)
    },
  )

  test.each(['keeper@mail.example.com', 'mail.example.com', 'example.com'])(
    'take an identity that SES has verified, %s, which sends as the address',
    (existingMailIdentity) => {
      const settings = settingsWith({ mailFrom: 'keeper@mail.example.com', existingMailIdentity })
      expect(settings.existingMailIdentity).toBe(existingMailIdentity)
    },
  )

  test.each([
    ['ample.com', 'keeper@example.com', 'keeper@example.com'],
    ['mail.example.com', 'keeper@example.com', 'keeper@example.com'],
    ['', 'keeper@example.com', 'keeper@example.com'],
    ['*', 'keeper@example.com', 'keeper@example.com'],
    ['example.com', undefined, 'nobody: mailFrom is not set'],
  ])('refuse the identity "%s" for %s', (existingMailIdentity, mailFrom, sends) => {
    expect(() => settingsWith({ mailFrom, existingMailIdentity })).toThrow(
      `existingMailIdentity is "${existingMailIdentity}", which does not send as ${sends}: set -c existingMailIdentity=`,
    )
  })

  test.each(['prod-', 'a--b', '-a', '1a', 'Prod', 'a'.repeat(21)])(
    'refuse the stage %s, which RDS or CloudFormation would',
    (stage) => {
      expect(() => settingsWith({ stage })).toThrow(`The stage "${stage}" cannot be part of a stack's name`)
    },
  )

  test.each(['a', 'prod', 'team-a-2', 'a'.repeat(20)])('take the stage %s', (stage) => {
    expect(settingsWith({ stage }).stage).toBe(stage)
  })

  test('name the sizes there are when asked for another', () => {
    expect(() => settingsWith({ size: 'huge' })).toThrow(
      'There is no size profile "huge": set -c size=<name> to one of dev, small, large.',
    )
    expect(() => settingsWith({ size: 'toString' })).toThrow('There is no size profile "toString"')
  })

  test.each(['Prod', '1st', 'under_score', '', 'a-stage-of-too-many-letters'])(
    'refuse the stage "%s", which could not name a stack',
    (stage) => {
      expect(() => settingsWith({ stage })).toThrow(
        /^The stage ".*" cannot be part of a stack's name: set -c stage/,
      )
    },
  )

  test.each(['ten', '', -1, 1.5, 31])('refuse %p years of history and say what to set', (historyYears) => {
    expect(() => settingsWith({ historyYears })).toThrow(/set -c historyYears=<n> to a whole number/)
  })

  test.each([
    ['historyRetention', '11', 'forever'],
    ['historyRetention', 'never', 'forever'],
    ['historyThinning', 0, 'off'],
    ['historyThinning', '', 'off'],
  ])('refuse %s of %p months and say what to set', (name, months, none) => {
    expect(() => settingsWith({ [name]: months })).toThrow(
      new RegExp(`set -c ${name}=<months> to a whole number from \\d+ on, or to ${none}`),
    )
  })

  test.each(['no', true, ''])('refuse the buy box "%s" and say what to set', (buyBox) => {
    expect(() => settingsWith({ buyBox })).toThrow(/set -c buyBox=on or -c buyBox=off/)
  })

  test.each(['true', 1])('refuse public links that are neither on nor off: %s', (publicLinks) => {
    expect(() => settingsWith({ publicLinks })).toThrow(/set -c publicLinks=on or -c publicLinks=off/)
  })

  test.each(['6', '0.5', 'year', '', 40_000])('refuse to keep messages for %s days', (keepMessagesDays) => {
    expect(() => settingsWith({ keepMessagesDays })).toThrow(/set -c keepMessagesDays=<days> to 7 or more/)
  })

  test.each(['xx', 'de,', ''])('refuse the marketplaces "%s" and list those there are', (dealDomains) => {
    expect(() => settingsWith({ dealDomains })).toThrow(/set -c dealDomains=<list> to any of com,co.uk,de,/)
  })

  test.each(['', 'ops', 'ops@example', 'a b@example.com'])(
    'refuse "%s" as the address that alarms go to',
    (alarmEmail) => {
      expect(() => settingsWith({ alarmEmail })).toThrow(/^alarmEmail is ".*": set -c alarmEmail/)
    },
  )

  test('refuse a runbook address that an anchor cannot follow', () => {
    expect(() => settingsWith({ runbookUrl: 'https://example.com/#top' })).toThrow(
      'to an address without spaces and #',
    )
  })

  test('name the zones, as many as the size has', () => {
    expect(settingsWith({ availabilityZones: 'eu-central-1a,eu-central-1c' }).availabilityZones).toEqual([
      'eu-central-1a',
      'eu-central-1c',
    ])
  })

  test.each([
    'eu-central-1a',
    'eu-central-1a,eu-central-1a',
    'eu-central-1a,eu-west-1b',
    'euc1-az1,euc1-az2',
    '',
  ])('refuse "%s" as the zones of the size dev', (availabilityZones) => {
    expect(() => settingsWith({ availabilityZones })).toThrow(
      /^availabilityZones is ".*": set it to 2 zones of one region/,
    )
  })

  test('refuse zones beside an existing network, which has its own', () => {
    expect(() =>
      settingsWith({ ...existingContext, availabilityZones: 'eu-central-1a,eu-central-1b' }),
    ).toThrow('existingVpc names the zones: leave out -c availabilityZones.')
  })

  test('refuse three brokers in an existing network of two zones, unless the brokers are there already', () => {
    const { existingVpc, existingKafka } = existingContext
    expect(() => settingsWith({ size: 'small', existingVpc })).toThrow(
      'make kafka.brokers.count (3) a multiple of existingVpc.availabilityZones (2).',
    )
    expect(settingsWith({ size: 'small', existingVpc, existingKafka }).existing.kafka).toEqual(existingKafka)
  })

  test('are held to what the stage was deployed with, and no other stage is', () => {
    const stages = { prod: recordOf(settingsWith({ size: 'small' })) }
    const read = (context: Record<string, unknown>) => readSettings(keeperApp({ context }).node, stages)
    expect(read({ stage: 'prod', size: 'small' }).deployed).toEqual(stages.prod)
    expect(read({ stage: 'dev' }).deployed).toBeUndefined()
    expect(() => read({ stage: 'prod', size: 'large' })).toThrow(
      'Stage prod was deployed as small, and AWS cannot change that to large in one deployment: keep -c size=small',
    )
  })
})
