import { expect, test } from '@jest/globals'
import { mail } from '../../../client/doctor/mail.ts'
import type { MailState } from '../../../client/mail-state.ts'

const ACCOUNT = {
  ...{ sendingEnabled: true, productionAccess: true, enforcement: 'HEALTHY' },
  ...{ mailsPerSecond: 14, mailsPerDay: 50_000, mailsLastDay: 3 },
}
const FINE: MailState = {
  from: 'keeper@example.com',
  account: ACCOUNT,
  identity: { verified: true, dkim: 'SUCCESS' },
}

test.each<[string, Partial<MailState>, string[]]>([
  ['mail that leaves is fine', {}, ['SES sends as keeper@example.com.']],
  ['an address has no DKIM of its own', { identity: { verified: true, dkim: 'NOT_STARTED' } }, ['SES sends']],
  ['the sandbox', { account: { ...ACCOUNT, productionAccess: false } }, ['SES is in its sandbox']],
  ['a paused account', { account: { ...ACCOUNT, sendingEnabled: false } }, ['SES does not send for this']],
  ['an account shut down', { account: { ...ACCOUNT, enforcement: 'SHUTDOWN' } }, ['(SHUTDOWN)']],
  [
    'a sender that nobody verified',
    { identity: { verified: false, dkim: 'PENDING' } },
    ['not verified', 'PENDING'],
  ],
  ['a sender that SES does not know', { identity: null }, ['is not verified']],
  ['no sender at all', { from: null, account: null, identity: null }, ['There is no sender']],
])('%s', (_, state, says) => {
  const found = mail({ value: { ...FINE, ...state } })
  expect(found.map((finding) => finding.says)).toEqual(says.map((part) => expect.stringContaining(part)))
  const isFine = says[0]?.startsWith('SES sends')
  expect(found.map(({ outcome, fix }) => [outcome, fix === null])).toEqual(
    says.map(() => (isFine ? ['ok', true] : ['problem', false])),
  )
})
