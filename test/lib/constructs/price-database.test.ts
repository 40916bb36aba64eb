import { describe, expect, test } from '@jest/globals'
import { databaseUserOf } from '../../../lib/constructs/price-database.ts'
import { resourceAt, templatesOf } from '../synthesized.ts'

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

  test('refuses connections without TLS', () => {
    expect(
      resourceAt(templatesOf('dev').data, 'AWS::RDS::DBParameterGroup', 'database/').Properties,
    ).toMatchObject({ Family: 'postgres18', Parameters: { 'rds.force_ssl': '1' } })
  })

  test('leaves a snapshot when it is deleted or replaced', () => {
    expect(instanceOf('dev')).toMatchObject({ DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' })
  })

  test('has a standby from the size small on', () => {
    expect(instanceOf('dev').Properties.MultiAZ).toBe(false)
    expect(instanceOf('small').Properties.MultiAZ).toBe(true)
    expect(instanceOf('large').Properties.MultiAZ).toBe(true)
  })

  test('generates the password of the user that owns the tables', () => {
    expect(
      resourceAt(templatesOf('dev').data, 'AWS::SecretsManager::Secret', 'database/').Properties,
    ).toMatchObject({ GenerateSecretString: { SecretStringTemplate: '{"username":"keeper"}' } })
  })

  test('knows each function as a user of its own', () => {
    expect(databaseUserOf('daily-deal-report')).toBe('keeper_daily_deal_report')
  })
})
