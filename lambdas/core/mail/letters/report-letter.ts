import type { Formats } from '../formats.ts'
import type { Fact, Letter, LetterItem } from '../letter.ts'
import type { DealFacts, MessageLinks, ReportMessage } from '../message.ts'
import { WORDS } from '../words.ts'
import {
  addressOf,
  changeOf,
  chartOf,
  footerOf,
  priceAndDrop,
  shopOf,
  shortTitleOf,
  titleOf,
} from './parts.ts'

/** The deals of a day that pass a user's filters. */
export function reportLetter(
  { day, deals }: ReportMessage,
  formats: Formats,
  links: MessageLinks,
  now: Date,
): Letter {
  const words = WORDS[formats.language]
  const [first] = deals
  if (!first) throw new RangeError('a report has at least one deal')
  const price = priceAndDrop(first.price, first.originalPrice, first.product.currency, formats)
  const shownDay = formats.localDay(day)
  return {
    language: formats.language,
    subject: `${words.reportSubject(price, deals.length - 1)}: ${shortTitleOf(first.product)}`,
    preview: words.reportIntro(deals.length, shownDay),
    intro: words.reportIntro(deals.length, shownDay),
    items: deals.map((deal, index) => itemOf(deal, index, formats, now)),
    footer: footerOf('report', links, 'keeper users mute --kind report', formats),
  }
}

function itemOf(deal: DealFacts, index: number, formats: Formats, now: Date): LetterItem {
  const { product, price, originalPrice, dealAt, points } = deal
  const { currency } = product
  const words = WORDS[formats.language]
  return {
    title: titleOf(product),
    url: addressOf(product),
    shop: shopOf(product),
    price: formats.money(price, currency),
    seen: null,
    change: originalPrice === null ? null : changeOf(price, originalPrice, currency, formats),
    facts: [...dealFacts(deal, formats), { label: words.observed, value: formats.time(dealAt) }],
    chart: chartOf(points, { price, target: null, currency }, index, formats, now),
    why: null,
    links: [{ text: words.buy(shopOf(product)), url: addressOf(product) }],
  }
}

function dealFacts({ discountPercent, rating, reviewCount }: DealFacts, formats: Formats): Fact[] {
  const words = WORDS[formats.language]
  const reviews = reviewCount === null ? null : formats.number(reviewCount)
  return [
    ...(discountPercent === null
      ? []
      : [{ label: words.discount, value: formats.percent(discountPercent / 100) }]),
    ...(rating === null
      ? []
      : [{ label: words.rating, value: words.stars(formats.number(rating), reviews) }]),
  ]
}
