import { expect, test } from '@jest/globals'
import { checkLink, type Link, readLinkKeys, signLink } from '../../../lambdas/core/mail/link-tokens.ts'
import { linksFor } from '../../../lambdas/core/mail/links.ts'

const OLD = 'the old key, of which nobody knows any more than its digest'
const NEW = 'the new key, which nobody knows at all but the two functions'
const keys = { current: OLD }
const link: Link = { userId: '17', scope: 'watch:4' }

test.each<Link>([link, { userId: '9007199254740993', scope: 'kind:report' }, { userId: '1', scope: 'all' }])(
  'a token stands for what was signed: %p',
  (signed) => {
    expect(checkLink(keys, signLink(keys, signed))).toEqual(signed)
  },
)

test('a token is valid for one user, one scope and one key, and in one spelling', () => {
  const token = signLink(keys, link)
  const changed = [
    ...Array.from(token, (_, place) => `${token.slice(0, place)}${token.slice(place + 1)}`),
    ...Array.from(token, (letter, place) => {
      return `${token.slice(0, place)}${letter === 'A' ? 'B' : 'A'}${token.slice(place + 1)}`
    }),
    token.replace('.17.', '.18.'),
    token.replace('watch-4', 'watch-5'),
    token.replace('watch-4', 'all'),
    `${token}=`,
    `${token}.`,
    `${token}A`,
    `.${token}`,
    '',
    'index.html',
  ]
  for (const other of changed) expect([other, checkLink(keys, other)]).not.toEqual([other, link])
})

test('while a key is replaced, mails of both keep their links; then the old ones end', () => {
  const [before, after] = [signLink({ current: OLD }, link), signLink({ current: NEW }, link)]
  const both = { current: NEW, previous: OLD }
  expect([checkLink(both, before), checkLink(both, after)]).toEqual([link, link])
  expect(signLink(both, link)).toBe(after)
  expect(checkLink({ current: NEW }, before)).toBe('unknown-key')
})

test('the secret holds one key or two, and what is wrong with it is said without it', () => {
  expect(readLinkKeys(JSON.stringify({ current: NEW, previous: OLD }))).toEqual({
    current: NEW,
    previous: OLD,
  })
  expect(readLinkKeys(JSON.stringify({ current: NEW }))).toEqual({ current: NEW })
  for (const text of [
    '',
    'secret-text',
    '{"current":"secret-text"}',
    'null',
    `{"current":"${NEW}","previous":""}`,
  ]) {
    expect(() => readLinkKeys(text)).toThrow(/^The secret of the links' keys must be/)
    expect(() => readLinkKeys(text)).not.toThrow(/secret-text/)
  }
})

test('requirement 15: a message links to its watches and its kind; without a public address it links nowhere', () => {
  const places = { baseUrl: 'https://links.example/', keys }
  const stoodFor = (address: string | null) =>
    checkLink(keys, String(address).replace('https://links.example/', ''))
  const links = linksFor(places, '17', 'digest')
  expect(stoodFor(links.pauseWatch('4'))).toEqual(link)
  expect(stoodFor(links.leaveKind)).toEqual({ userId: '17', scope: 'kind:alert' })
  expect(stoodFor(linksFor(places, '17', 'report').leaveKind)).toEqual({ userId: '17', scope: 'kind:report' })
  expect(linksFor(places, '17', 'test').leaveKind).toBeNull()
  expect(linksFor(undefined, '17', 'alert').leaveKind).toBeNull()
  expect(linksFor(undefined, '17', 'alert').pauseWatch('4')).toBeNull()
})
