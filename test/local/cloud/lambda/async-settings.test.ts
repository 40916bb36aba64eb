import { describe, expect, test } from '@jest/globals'
import type { Resource } from '../../../../local/cloud/template/assembly.ts'
import { readTemplate } from '../../../../local/cloud/template/template.ts'

const resource = (type: string, logicalId: string, properties: Resource['properties']): Resource => ({
  stack: 'app',
  logicalId,
  type,
  properties,
  path: `app/${logicalId}`,
  assetDirectory: '/bundle',
})

/** Reads a template of one function and its EventInvokeConfig. */
const functionWith = (config: Resource['properties'], properties: Resource['properties'] = {}) =>
  readTemplate([
    resource('AWS::Lambda::Function', 'check', {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      ...properties,
    }),
    resource('AWS::Lambda::EventInvokeConfig', 'config', {
      FunctionName: { Ref: 'check' },
      Qualifier: '$LATEST',
      ...config,
    }),
  ]).functions[0]

describe('a function of a template', () => {
  test('has the retries, the age and the destinations of its EventInvokeConfig', () => {
    const config = {
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 600,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': ['FailedEvents', 'Arn'] } },
        OnSuccess: { Destination: 'arn:aws:sns:eu-central-1:123456789012:done' },
      },
    }
    expect(functionWith(config)?.asynchronous).toEqual({
      maximumRetryAttempts: 1,
      maximumEventAgeSeconds: 600,
      onFailure: 'FailedEvents',
      onSuccess: 'done',
    })
  })

  test('has the reserved concurrency of its resource', () => {
    expect(functionWith({}, { ReservedConcurrentExecutions: 0 })?.reservedConcurrency).toBe(0)
    expect(functionWith({})?.reservedConcurrency).toBeUndefined()
  })

  test.each([
    [{ MaximumRetryAttempts: 3 }, 'MaximumRetryAttempts is 3; here it takes a number from 0 to 2'],
    [
      { MaximumEventAgeInSeconds: 59 },
      'MaximumEventAgeInSeconds is 59; here it takes a number from 60 to 21600',
    ],
  ])('is refused with %j, as AWS refuses it', (config, message) => {
    expect(() => functionWith(config)).toThrow(message)
  })
})
