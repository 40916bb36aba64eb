import { describe, expect, test } from '@jest/globals'
import { resourceAt, resourcesByPath, templatesOf } from '../../synthesized.ts'

const { pipeline, data } = templatesOf('dev')
const names = [
  'price-check',
  'history-import',
  'deal-collector',
  'daily-deal-report',
  'price-consumer',
  'deal-consumer',
  'migrator',
]

describe('a function of Keeper', () => {
  test.each(names)('%s runs on Node 24 and Arm, logs JSON and knows its name', (name) => {
    expect(resourceAt(pipeline, 'AWS::Lambda::Function', `${name}/${name}/`).Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      LoggingConfig: { LogFormat: 'JSON' },
      Environment: { Variables: { KEEPER_FUNCTION: name } },
    })
  })

  test('trusts the certificate authority of RDS wherever it connects to the database', () => {
    for (const name of names) {
      expect(resourceAt(pipeline, 'AWS::Lambda::Function', `${name}/${name}/`).Properties).toMatchObject({
        Environment: { Variables: { NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem' } },
      })
    }
  })

  test('keeps its logs as long as the profile says', () => {
    for (const template of [pipeline, data]) {
      for (const [, { Properties }] of resourcesByPath(template, 'AWS::Logs::LogGroup')) {
        expect(Properties.RetentionInDays).toBe(7)
      }
    }
  })

  test('stays within the 15 minutes of Lambda', () => {
    for (const [, { Properties }] of resourcesByPath(pipeline, 'AWS::Lambda::Function')) {
      expect(Properties.Timeout).toBeLessThanOrEqual(15 * 60)
    }
  })
})
