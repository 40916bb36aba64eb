import { describe, expect, test } from '@jest/globals'
import type { KafkaMessage } from 'kafkajs'
import { payloadOf, sliceBytes, slicesRoom } from '../../../../local/cloud/mapping/batch.ts'
import { BufferedRecord } from '../../../../local/cloud/mapping/record.ts'

const HEAD = { eventSourceArn: 'arn:aws:kafka:a', bootstrapServers: 'one:1,two:2' }
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

const message = (more: Partial<KafkaMessage>) =>
  ({
    ...{ key: null, value: null, offset: '12', timestamp: '1700000000000', attributes: 0, headers: {} },
    ...more,
  }) as KafkaMessage

const MESSAGES: Readonly<Record<string, KafkaMessage>> = {
  'a tombstone': message({}),
  'an empty key and value': message({ key: Buffer.alloc(0), value: Buffer.alloc(0) }),
  'Base64 with one =': message({ key: Buffer.from('ab'), value: Buffer.from('€-abcd1') }),
  'Base64 with two =': message({ key: Buffer.from('a'), value: Buffer.from('abcd') }),
  'signed header bytes, and a header twice': message({
    value: Buffer.from('x'),
    headers: { bytes: Buffer.from([255, 0]), twice: ['one', Buffer.from('two')] },
  }),
  'header names that are no ASCII': message({ value: Buffer.from('x'), headers: { 'größe € "': 'x' } }),
  'the time of the broker': Object.assign(message({}), { batchContext: { timestampType: 1 } }),
}

describe('a payload', () => {
  test.each(Object.entries(MESSAGES))('is as long as its records say, with %s', (_, one) => {
    const records = [one, one].map((each) => new BufferedRecord('topic', 11, each))
    const payload = payloadOf({ topic: 'topic', slices: [{ partition: 11, records }] }, HEAD)
    const slice = sliceBytes('topic', 11) + records.reduce((sum, { bytes }) => sum + bytes, 0)
    // Two commas are counted that the last record and the last slice do not have.
    expect(payload.length).toBe(MAX_PAYLOAD_BYTES - slicesRoom(HEAD) + slice - 2)
    expect(Object.keys(JSON.parse(payload.toString()).records)).toEqual(['topic-11'])
  })

  test('has what the messages had', () => {
    const records = [MESSAGES['header names that are no ASCII'], MESSAGES['Base64 with one =']].map(
      (each) => new BufferedRecord('topic', 0, each as KafkaMessage),
    )
    const slices = records.map((record, partition) => ({ partition, records: [record] }))
    const { records: lists } = JSON.parse(payloadOf({ topic: 'topic', slices }, HEAD).toString())
    expect(lists['topic-0'][0]).toEqual({
      ...{ topic: 'topic', partition: 0, offset: 12, timestamp: 1_700_000_000_000 },
      ...{ timestampType: 'CREATE_TIME', value: 'eA==', headers: [{ 'größe € "': [120] }] },
    })
    expect(Buffer.from(lists['topic-1'][0].value, 'base64').toString()).toBe('€-abcd1')
  })
})
