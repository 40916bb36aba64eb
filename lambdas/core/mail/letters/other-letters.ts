import type { Formats } from '../formats.ts'
import type { Letter } from '../letter.ts'
import type { MessageLinks, NoticeMessage } from '../message.ts'
import { WORDS } from '../words.ts'
import { addressOf, footerOf, shopOf, shortTitleOf, titleOf } from './parts.ts'

/** A watch that cannot fire. */
export function noticeLetter(
  { product, reason, since, redirectedTo, watchId }: NoticeMessage,
  formats: Formats,
  links: MessageLinks,
): Letter {
  const words = WORDS[formats.language]
  const why = words.notice[reason](formats.day(since))
  const instead = redirectedTo === null ? null : { ...product, asin: redirectedTo, title: '' }
  const pause = links.pauseWatch(watchId)
  return {
    language: formats.language,
    subject: words.noticeSubject(shortTitleOf(product)),
    preview: why,
    intro: why,
    items: [
      {
        title: titleOf(product),
        url: addressOf(product),
        shop: shopOf(product),
        price: null,
        change: null,
        seen: null,
        facts: [{ label: 'ASIN', value: product.asin }],
        chart: null,
        why: null,
        links: [
          ...(instead ? [{ text: `${words.insteadOf}: ${redirectedTo}`, url: addressOf(instead) }] : []),
          pause === null
            ? { text: words.pauseCommand(`keeper watches pause ${product.asin} --domain ${product.domain}`) }
            : { text: words.pause, url: pause },
        ],
      },
    ],
    footer: footerOf('notice', links, 'keeper users mute --kind notice', formats),
  }
}

/** What `keeper channels test` sends. */
export function testLetter(formats: Formats): Letter {
  const words = WORDS[formats.language]
  return {
    language: formats.language,
    subject: words.testSubject,
    preview: words.testIntro,
    intro: words.testIntro,
    items: [],
    footer: [{ text: words.sender }],
  }
}
