import { describe, expect, test } from '@jest/globals'
import type { Message, MessageLinks, Reader } from '../../../lambdas/core/mail/message.ts'
import { renderMessage } from '../../../lambdas/core/mail/render.ts'
import { alert, MESSAGES, NOW, youngAlert } from './samples.ts'

const BERLIN: Reader = { locale: 'de', timeZone: 'Europe/Berlin' }
const LONDON: Reader = { locale: 'en-GB', timeZone: 'Europe/London' }
const NO_LINKS: MessageLinks = { pauseWatch: () => null, leaveKind: null }
const LINKS: MessageLinks = {
  pauseWatch: (watch) => `https://keeper.example/pause?watch=${watch}&t=1`,
  leaveKind: 'https://keeper.example/leave?kind=alert&t=2',
}

const rendered = (message: Message, reader = LONDON, links = LINKS) =>
  renderMessage(message, reader, links, NOW)

describe.each(Object.entries(MESSAGES))('%s', (_, message) => {
  test('reads as it did, in English with links and in German with commands', () => {
    for (const [reader, links] of [
      [LONDON, LINKS],
      [BERLIN, NO_LINKS],
    ] as const) {
      const { subject, text, summary, html } = renderMessage(message, reader, links, NOW)
      expect(`${subject}\n\n${text}\n${summary}`).toMatchSnapshot()
      expect(html.replaceAll('><', '>\n<')).toMatchSnapshot()
    }
  })
})

test('requirement 10: the HTML and the text say the same', () => {
  const { html, text } = rendered({ kind: 'alert', alerts: [alert] })
  const facts = [
    ...[
      'AKG K371',
      'amazon.de',
      '€84.99',
      '€4.01',
      '4.5%',
      '€89.00',
      '€85.00',
      '€101.00',
      '€109.90',
      '€79.00',
    ],
    ...['28 Nov 2025', '20 Feb 2026', '12:30', 'GMT', 'because the price reached your target'],
    ...['https://www.amazon.de/dp/B07W6JN8V8', 'lowest €84.99, highest €124.00, now €84.99, target €85.00'],
  ]
  for (const fact of facts) {
    expect(html).toContain(fact)
    expect(text).toContain(fact)
  }
})

test('requirement 10: a subject begins with price and drop, and holds one line whatever the title is', () => {
  expect(rendered({ kind: 'alert', alerts: [alert] }).subject).toMatch(/^€84\.99 \(-4\.5%\): AKG/)
  const title = `${'👨‍👩‍👧'.repeat(80)}\r\nBcc: someone@example.com`
  const { subject } = rendered({
    kind: 'alert',
    alerts: [{ ...alert, product: { ...alert.product, title } }],
  })
  expect(subject).toBe(`€84.99 (-4.5%): ${'👨‍👩‍👧'.repeat(59)}…`)
})

test('a price that was seen half a day ago says so in the few lines of a chat too', () => {
  const summaryOf = (priceAt: string) =>
    rendered({ kind: 'alert', alerts: [{ ...alert, priceAt }] }).summary.split('\n')[1]
  expect(summaryOf('2026-02-20T01:00:00Z')).toMatch(/schwarz \(amazon\.de\)$/)
  expect(summaryOf('2026-02-19T22:40:00Z')).toMatch(/schwarz \(amazon\.de, seen 19 Feb.* 22:40.*\)$/)
})

test('requirement 10: history that was not seen is not claimed', () => {
  const { text } = rendered({ kind: 'alert', alerts: [youngAlert] })
  expect(text).toContain('Watched since')
  expect(text).not.toMatch(/lowest|median|Lowest ever/)
})

test("the market's text is data: markup is escaped, and nothing turns the direction of the rest", () => {
  const { html, text } = rendered({ kind: 'alert', alerts: [youngAlert] })
  expect(html).not.toContain('<script>')
  expect(html).toContain('&lt;script>alert(&quot;x&quot;)&lt;/script> &amp; &quot;Tee&quot; neu')
  expect(text).not.toContain('\u202e')
})

test('an address of a link cannot leave its attribute', () => {
  const leaveKind = 'https://keeper.example/?a="><img src=x>'
  expect(rendered({ kind: 'alert', alerts: [alert] }, LONDON, { ...LINKS, leaveKind }).html).not.toContain(
    '<img src=x>',
  )
})

test('requirement 15: without a public address, the footer names the command', () => {
  const { text, html } = rendered({ kind: 'alert', alerts: [alert] }, LONDON, NO_LINKS)
  expect(text).toContain('keeper watches pause B07W6JN8V8 --domain de')
  expect(text).toContain('keeper users mute --kind alert')
  expect(html).not.toContain('keeper.example')
})

test.each([
  ['yen have no decimals', { locale: 'en', timeZone: 'UTC' }, '¥4,999'],
  ['Austria writes as Austria does', { locale: 'de-AT', timeZone: 'Europe/Vienna' }, '¥ 4.999'],
  ['a language without words is English, numbers included', { locale: 'fr', timeZone: 'UTC' }, '¥4,999'],
  ['no locale at all is English', { locale: '???', timeZone: 'UTC' }, '¥4,999'],
  ['an unknown time zone is UTC', { locale: 'en-GB', timeZone: 'Mars/Olympus' }, '12:30 UTC'],
])('%s', (_, reader, expected) => {
  const { text } = rendered({ kind: 'alert', alerts: [youngAlert] }, reader)
  expect(text.replaceAll('\u00a0', ' ')).toContain(expected)
})

test.each([
  ['2026-03-29T00:59:00Z', '1:59 MEZ'],
  ['2026-03-29T01:00:00Z', '3:00 MESZ'],
  ['2026-10-25T00:30:00Z', '2:30 MESZ'],
  ['2026-10-25T01:30:00Z', '2:30 MEZ'],
])('a time names its zone, as an hour of the change of clocks comes twice or never: %s', (priceAt, shown) => {
  const { text } = rendered({ kind: 'alert', alerts: [{ ...alert, priceAt }] }, BERLIN)
  expect(text).toMatch(new RegExp(`, 0?${shown}`))
})

test('two messages of the same facts have the same bytes, pictures included', () => {
  const both = [1, 2].map(() => rendered({ kind: 'alert', alerts: [alert, youngAlert] }))
  expect(both[0]).toEqual(both[1])
  expect(both[0]?.attachments).toHaveLength(1)
})
