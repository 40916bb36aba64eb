import { describe, expect, test } from '@jest/globals'
import { explained } from '../../client/client-error.ts'

const failure = (name: string, message: string, code?: string) =>
  Object.assign(new Error(message), { name, code })

const DENIED =
  'User: arn:aws:iam::111122223333:user/ada is not authorized to perform: scheduler:UpdateSchedule on resource: x'

describe('an error of AWS', () => {
  test.each([
    [
      failure('AccessDeniedException', DENIED),
      'not_permitted',
      /^You may not call scheduler:UpdateSchedule at stage prod/,
    ],
    [failure('AccessDenied', 'No.'), 'not_permitted', /^You may not call sqs:ReceiveMessage at stage prod/],
    [failure('CredentialsProviderError', 'none'), 'not_permitted', /^There are no valid AWS credentials /],
    [failure('ExpiredTokenException', 'old'), 'not_permitted', /^There are no valid AWS credentials /],
    [failure('Error', 'Region is missing'), 'no_region', /AWS_REGION/],
    [failure('Error', '', 'ECONNREFUSED'), 'unreachable', /^stage prod cannot be reached: ECONNREFUSED\.$/],
    [failure('Error', 'getaddrinfo', 'EAI_AGAIN'), 'unreachable', /^stage prod cannot be reached/],
    [failure('ThrottlingException', 'Rate exceeded'), 'throttled', /repeat it later/],
    [failure('QueueDoesNotExist', 'gone'), 'not_deployed', /sqs:ReceiveMessage asked for: gone$/],
    [failure('ValidationException', 'bad'), 'aws_error', /^sqs:ReceiveMessage at stage prod: bad$/],
  ])('%s is a sentence', (error, code, sentence) => {
    const { code: found, message, cause } = explained(error, 'stage prod', 'sqs:ReceiveMessage')
    expect({ found, message, cause }).toEqual({
      ...{ found: code, message: expect.stringMatching(sentence), cause: error },
    })
  })
})
