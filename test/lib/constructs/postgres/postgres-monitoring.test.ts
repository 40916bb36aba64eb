import { describe, expect, test } from '@jest/globals'
import { Size } from 'aws-cdk-lib'
import { PostgresMonitoring } from '../../../../lib/constructs/postgres/postgres-monitoring.ts'
import { resourceAt, templatesOf } from '../../synthesized.ts'

const alarmsOf = (burstable: boolean) =>
  new PostgresMonitoring({
    instanceIdentifier: 'keeper',
    storage: Size.gibibytes(20),
    mostConnections: 60,
    leastMemory: Size.mebibytes(64),
    burstable,
  }).alarms()

describe('the alarms of the database', () => {
  test('are about CPU credits only where its class has some', () => {
    expect(alarmsOf(true).map(({ id }) => id)).toContain('database-cpu-credits')
    expect(alarmsOf(false).map(({ id }) => id)).not.toContain('database-cpu-credits')
  })

  test.each([
    ['dev', 64],
    ['small', 256],
    ['large', 2048],
  ])('ring in %s when less than %i MiB of memory is left', (size, mebibytes) => {
    const path = 'database-memory/'
    expect(resourceAt(templatesOf(size).monitoring, 'AWS::CloudWatch::Alarm', path).Properties).toMatchObject(
      {
        Namespace: 'AWS/RDS',
        MetricName: 'FreeableMemory',
        Statistic: 'Minimum',
        Threshold: mebibytes * 1024 * 1024,
        ComparisonOperator: 'LessThanThreshold',
      },
    )
  })
})
