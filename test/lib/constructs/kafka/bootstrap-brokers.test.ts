import { describe, expect, test } from '@jest/globals'
import { grantsOf, ownLogsOf, resourceAt, templatesOf } from '../../synthesized.ts'

describe('the bootstrap brokers', () => {
  test('are read again when the number of brokers changes', () => {
    expect(
      resourceAt(templatesOf('large').data, 'Custom::BootstrapBrokers', 'bootstrap-brokers/').Properties,
    ).toMatchObject({ ClusterArn: expect.anything(), Brokers: 6 })
  })

  test('are read by a function that may ask for such and nothing else', () => {
    expect(grantsOf(templatesOf('dev').data, 'bootstrap-brokers')).toEqual({
      ...ownLogsOf('bootstrap-brokers'),
      'Allow kafka:GetBootstrapBrokers': '*',
    })
  })

  test('reach the producers without holding the data stack back', () => {
    const { Environment } = resourceAt(
      templatesOf('dev').pipeline,
      'AWS::Lambda::Function',
      'price-check/',
    ).Properties
    expect(Environment).toMatchObject({
      Variables: { KAFKA_BOOTSTRAP_SERVERS: { 'Fn::GetStackOutput': { StackName: 'keeper-dev-data' } } },
    })
  })
})
