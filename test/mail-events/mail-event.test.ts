import { describe, expect, test } from '@jest/globals'
import { readMailEvent } from '../../lambdas/mail-events/mail-event.ts'

const mail = { messageId: 'ses-1', tags: { 'keeper-message': ['31'] } }
const of = (detail: object) => readMailEvent({ 'detail-type': 'of SES', detail: { mail, ...detail } })
const bounce = (more: object = {}) =>
  of({
    bounce: {
      bounceType: 'Permanent',
      bounceSubType: 'General',
      bouncedRecipients: [
        { emailAddress: 'Ada <Ada@Example.com>', diagnosticCode: 'smtp; 550 5.1.1 user unknown' },
      ],
      ...more,
    },
  })

describe('an event of SES', () => {
  test('of a permanent bounce names the address and why', () => {
    expect(bounce()).toEqual({
      kind: 'bounce',
      addresses: ['ada@example.com'],
      reason: 'bounced: smtp; 550 5.1.1 user unknown',
      messageId: '31',
      providerId: 'ses-1',
    })
  })

  test('names an address as people may have written it too: SES has its domain in Punycode', () => {
    const bouncedRecipients = [{ emailAddress: 'ada@xn--bcher-kva.example' }]
    expect(bounce({ bouncedRecipients })).toMatchObject({
      addresses: ['ada@xn--bcher-kva.example', 'ada@bücher.example'],
    })
  })

  test('of a mail that was sent names whom it was sent to', () => {
    const destination = ['Ada <ada@Example.com>']
    expect(of({ mail: { ...mail, destination }, send: {} })).toEqual({
      kind: 'sent',
      addresses: ['ada@example.com'],
      reason: null,
      messageId: '31',
      providerId: 'ses-1',
    })
  })

  test.each(['Transient', 'Undetermined'])('of a bounce that may pass changes nothing: %s', (bounceType) => {
    expect(bounce({ bounceType })).toBeUndefined()
  })

  test('of a complaint names the address', () => {
    const complainedRecipients = [{ emailAddress: 'ada@example.com' }]
    const complaint = { complainedRecipients, complaintFeedbackType: 'abuse' }
    expect(of({ complaint })).toMatchObject({
      kind: 'complaint',
      addresses: ['ada@example.com'],
      reason: 'marked as spam: abuse',
    })
    expect(of({ complaint: { complainedRecipients } })).toMatchObject({ reason: 'marked as spam' })
  })

  test('that says a mail was no spam changes nothing', () => {
    const complainedRecipients = [{ emailAddress: 'ada@example.com' }]
    expect(of({ complaint: { complainedRecipients, complaintFeedbackType: 'not-spam' } })).toBeUndefined()
  })

  test('of a mail that SES did not send switches no address off', () => {
    expect(of({ reject: { reason: 'Bad content' } })).toMatchObject({
      kind: 'not-sent',
      addresses: [],
      reason: 'rejected by SES: Bad content',
    })
    expect(of({ failure: { errorMessage: 'Attribute missing' } })).toMatchObject({ kind: 'not-sent' })
  })

  test("of somebody else's mail names no message", () => {
    const detail = { mail: { messageId: 'x', tags: {} }, reject: { reason: 'Bad content' } }
    expect(readMailEvent({ detail })).toMatchObject({ messageId: null })
    expect(of({ reject: {}, mail: { tags: { 'keeper-message': ["1'; drop"] } } })).toMatchObject({
      messageId: null,
    })
  })

  test('cuts what a stranger’s server says, and takes the controls out of it', () => {
    const diagnosticCode = `550\u001b[2J\r\n\u202e${'x'.repeat(1_000)}`
    const event = bounce({ bouncedRecipients: [{ emailAddress: 'a@b.example', diagnosticCode }] })
    expect(event?.reason).toMatch(/^bounced: 550 \[2J x+$/)
    expect(event?.reason?.length).toBeLessThan(320)
  })

  test.each([[undefined], [{}], [{ detail: null }], [{ detail: { delivery: {} } }], ['text']])(
    'that is none changes nothing: %j',
    (event) => {
      expect(readMailEvent(event)).toBeUndefined()
    },
  )
})
