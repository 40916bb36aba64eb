import { describe, expect, test } from '@jest/globals'
import { Template } from 'aws-cdk-lib/assertions'
import { PROFILES } from '../../../../lib/config.ts'
import { databaseUserOf } from '../../../../lib/constructs/postgres/postgres.ts'
import { build, grantsOf, resourceAt, templatesOf, templatesWith } from '../../synthesized.ts'

const instanceOf = (size: string) => resourceAt(templatesOf(size).data, 'AWS::RDS::DBInstance', 'database/')

describe('the database', () => {
  test('is PostgreSQL 18, encrypted, with IAM sign-in and no public address', () => {
    expect(instanceOf('dev').Properties).toMatchObject({
      Engine: 'postgres',
      EngineVersion: '18',
      StorageEncrypted: true,
      EnableIAMDatabaseAuthentication: true,
      PubliclyAccessible: false,
      DBName: 'keeper',
      Port: '5432',
    })
  })

  test('takes a newer major version of the profile', () => {
    expect(instanceOf('small').Properties.AllowMajorVersionUpgrade).toBe(true)
  })

  test('refuses connections without TLS', () => {
    expect(
      resourceAt(templatesOf('dev').data, 'AWS::RDS::DBParameterGroup', 'database/').Properties,
    ).toMatchObject({ Family: 'postgres18', Parameters: { 'rds.force_ssl': '1', timezone: 'UTC' } })
  })

  test.each([
    ['dev', 'Delete'],
    ['small', 'Snapshot'],
    ['large', 'Snapshot'],
  ])('leaves behind when it is deleted or replaced in %s: %s', (size, policy) => {
    expect(instanceOf(size)).toMatchObject({ DeletionPolicy: policy, UpdateReplacePolicy: policy })
  })

  test('has a standby from the size small on', () => {
    expect(instanceOf('dev').Properties.MultiAZ).toBe(false)
    expect(instanceOf('small').Properties.MultiAZ).toBe(true)
    expect(instanceOf('large').Properties.MultiAZ).toBe(true)
  })

  test('leaves the password of the user that owns the tables to RDS, which rotates it', () => {
    expect(instanceOf('dev').Properties).toMatchObject({
      MasterUsername: 'keeper',
      ManageMasterUserPassword: true,
    })
    expect(instanceOf('dev').Properties).not.toHaveProperty('MasterUserPassword')
  })

  test.each([
    ['dev', false],
    ['small', true],
    ['large', true],
  ])('is protected against deletion in %s once the stage is recorded: %s', (size, protection) => {
    const { data } = build({ size }, {}, { isRecorded: true })
    expect(data.terminationProtection).toBe(protection)
    expect(
      resourceAt(Template.fromStack(data), 'AWS::RDS::DBInstance', 'database/').Properties.DeletionProtection,
    ).toBe(protection)
  })

  test.each(['small', 'large'])('can be deleted in %s when the first deployment fails', (size) => {
    expect(instanceOf(size).Properties.DeletionProtection).toBe(false)
    expect(build({ size }).data.terminationProtection).toBe(false)
  })

  test.each([
    ['dev', 7],
    ['large', 90],
  ])('exports its logs in %s to groups that are there before it and forget after %i days', (size, days) => {
    const { Properties, DependsOn } = instanceOf(size)
    expect(Properties.EnableCloudwatchLogsExports).toEqual(['postgresql', 'upgrade'])
    for (const log of ['postgresql', 'upgrade']) {
      const group = resourceAt(templatesOf(size).data, 'AWS::Logs::LogGroup', `database/${log}-logs`)
      expect(group.Properties).toMatchObject({
        LogGroupName: { 'Fn::Join': ['/', ['/aws/rds/instance', Properties.DBInstanceIdentifier, log]] },
        RetentionInDays: days,
      })
      expect(DependsOn).toContainEqual(expect.stringMatching(new RegExp(`^database${log}logs`)))
    }
  })

  test('is upgraded when its version ends, and never charged for extended support', () => {
    expect(instanceOf('dev').Properties.EngineLifecycleSupport).toBe(
      'open-source-rds-extended-support-disabled',
    )
  })

  test('grows its disk by itself', () => {
    expect(instanceOf('small').Properties).toMatchObject({
      StorageType: 'gp3',
      AllocatedStorage: '100',
      MaxAllocatedStorage: 500,
    })
  })

  test('is told apart by its statements: insights for 7 days, in large for 15 months', () => {
    expect(instanceOf('small').Properties).toMatchObject({
      DatabaseInsightsMode: 'standard',
      EnablePerformanceInsights: true,
      PerformanceInsightsRetentionPeriod: 7,
    })
    expect(instanceOf('large').Properties).toMatchObject({
      DatabaseInsightsMode: 'advanced',
      PerformanceInsightsRetentionPeriod: 465,
    })
  })

  test('is reached through a proxy where the profile has one, still without a password', () => {
    const { data, pipeline } = templatesWith({ database: { ...PROFILES.small.database, proxy: true } })
    expect(resourceAt(data, 'AWS::RDS::DBProxy', 'database/').Properties).toMatchObject({
      DefaultAuthScheme: 'IAM_AUTH',
      RequireTLS: true,
      EngineFamily: 'POSTGRESQL',
    })
    expect(grantsOf(pipeline, 'price-consumer')['Allow rds-db:connect']).toMatch(
      /:dbuser:.*databaseproxy.*\/keeper_price_consumer$/,
    )
    const { Environment } = resourceAt(pipeline, 'AWS::Lambda::Function', 'price-consumer/').Properties
    expect(JSON.stringify(Environment)).toContain('databaseproxy')
    expect(JSON.stringify(Environment)).not.toContain('databaseinstance')
  })

  test('knows each function as a user of its own', () => {
    expect(databaseUserOf('daily-deal-report')).toBe('keeper_daily_deal_report')
  })
})
