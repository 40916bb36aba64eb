import { expect, test } from '@jest/globals'
import { failedRunOf } from '../../client/failed-runs.ts'

const PLACE = {
  queueUrl: 'https://sqs/queue',
  receiptHandle: 'handle',
  awsFunction: 'keeper-prod-price-check',
}
const received = (Body: string, MessageAttributes = {}) =>
  failedRunOf(
    { MessageId: 'm-1', Body, Attributes: { SentTimestamp: '1771574400000' }, MessageAttributes },
    'price-check',
    PLACE,
  )

test("Lambda's record of a run that failed holds what it was started with", () => {
  const record = {
    requestContext: { condition: 'RetriesExhausted' },
    requestPayload: { scheduledTime: '2026-02-20T08:00:00Z' },
    responsePayload: { errorType: 'KeeperError', errorMessage: 'Keepa is away' },
  }
  expect(received(JSON.stringify(record))).toEqual({
    ...{ id: 'm-1', function: 'price-check', at: '2026-02-20T08:00:00.000Z', place: PLACE },
    error: 'KeeperError: Keepa is away',
    payload: '{"scheduledTime":"2026-02-20T08:00:00Z"}',
  })
})

test('a run that nobody could start says its condition', () => {
  const record = { requestContext: { condition: 'EventAgeExceeded' }, requestPayload: {} }
  expect(received(JSON.stringify(record))).toMatchObject({ error: 'EventAgeExceeded', payload: '{}' })
})

test("the scheduler's message is the payload itself, with the error in its attributes", () => {
  const text = (StringValue: string) => ({ DataType: 'String', StringValue })
  const attributes = { ERROR_CODE: text('AWS.Lambda.Throttled'), ERROR_MESSAGE: text('Rate exceeded') }
  expect(received('{"resume":true}', attributes)).toMatchObject({
    ...{ error: 'did not start: AWS.Lambda.Throttled: Rate exceeded', payload: '{"resume":true}' },
  })
})

test('a message that somebody else put there is shown as it is', () => {
  expect(received('hello')).toMatchObject({ error: 'no reason given', payload: 'hello' })
})
