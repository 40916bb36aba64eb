import { describe, expect, test } from '@jest/globals'
import type { KafkaRecord } from '../../../../local/cloud/kafka/record-batches.ts'
import { payloadOf, sliceBytes, slicesRoom } from '../../../../local/cloud/mapping/batch.ts'
import { BufferedRecord } from '../../../../local/cloud/mapping/record.ts'

const HEAD = { eventSourceArn: 'arn:aws:kafka:a', bootstrapServers: 'one:1,two:2' }
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

const record = (more: Partial<KafkaRecord>): KafkaRecord => ({
  ...{ key: null, value: null, offset: 12, timestampMs: 1_700_000_000_000, timestampType: 'CREATE_TIME' },
  headers: [],
  ...more,
})

const RECORDS: Readonly<Record<string, KafkaRecord>> = {
  'a tombstone': record({}),
  'an empty key and value': record({ key: Buffer.alloc(0), value: Buffer.alloc(0) }),
  'Base64 with one =': record({ key: Buffer.from('ab'), value: Buffer.from('€-abcd1') }),
  'Base64 with two =': record({ key: Buffer.from('a'), value: Buffer.from('abcd') }),
  'signed header bytes, a header twice, and one without a value': record({
    value: Buffer.from('x'),
    headers: [
      ['bytes', Buffer.from([255, 0])],
      ['twice', Buffer.from('one')],
      ['none', null],
      ['twice', Buffer.from('two')],
    ],
  }),
  'header names that are no ASCII': record({
    value: Buffer.from('x'),
    headers: [['größe € "', Buffer.from('x')]],
  }),
  'the time of the broker': record({ timestampType: 'LOG_APPEND_TIME' }),
}

describe('a payload', () => {
  test.each(Object.entries(RECORDS))('is as long as its records say, with %s', (_, one) => {
    const records = [one, one].map((each) => new BufferedRecord('topic', 11, each))
    const payload = payloadOf({ topic: 'topic', slices: [{ partition: 11, records }] }, HEAD)
    const slice = sliceBytes('topic', 11) + records.reduce((sum, { bytes }) => sum + bytes, 0)
    // Two commas are counted that the last record and the last slice do not have.
    expect(payload.length).toBe(MAX_PAYLOAD_BYTES - slicesRoom(HEAD) + slice - 2)
    expect(Object.keys(JSON.parse(payload.toString()).records)).toEqual(['topic-11'])
  })

  test('has what the records had', () => {
    const records = [RECORDS['header names that are no ASCII'], RECORDS['Base64 with one =']].map(
      (each) => new BufferedRecord('topic', 0, each as KafkaRecord),
    )
    const slices = records.map((record, partition) => ({ partition, records: [record] }))
    const { records: lists } = JSON.parse(payloadOf({ topic: 'topic', slices }, HEAD).toString())
    expect(lists['topic-0'][0]).toEqual({
      ...{ topic: 'topic', partition: 0, offset: 12, timestamp: 1_700_000_000_000 },
      ...{ timestampType: 'CREATE_TIME', value: 'eA==', headers: [{ 'größe € "': [120] }] },
    })
    expect(Buffer.from(lists['topic-1'][0].value, 'base64').toString()).toBe('€-abcd1')
  })

  test('has headers in their order, each as often as it came, whatever their names are', () => {
    const names = ['constructor', '__proto__', 'toString', '', 'constructor', 'größe "']
    const headers = names.map((name, index) => [name, index === 2 ? null : Buffer.from([index])] as const)
    const slices = [{ partition: 0, records: [new BufferedRecord('topic', 0, record({ headers }))] }]
    const { records: lists } = JSON.parse(payloadOf({ topic: 'topic', slices }, HEAD).toString())
    expect(lists['topic-0'][0].headers.map((header: object) => Object.entries(header))).toEqual(
      names.map((name, index) => [[name, index === 2 ? null : [index]]]),
    )
  })
})
