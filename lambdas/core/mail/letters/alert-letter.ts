import { LATE_PRICE_HOURS } from '../../price-check-interval.ts'
import type { Formats } from '../formats.ts'
import type { Letter, LetterItem } from '../letter.ts'
import type { AlertFacts, AlertMessage, MessageLinks } from '../message.ts'
import { WORDS } from '../words.ts'
import {
  addressOf,
  changeOf,
  chartOf,
  footerOf,
  historyFacts,
  priceAndDrop,
  shopOf,
  shortTitleOf,
  titleOf,
} from './parts.ts'

/** One alert, several of one user, or those that were held. */
export function alertLetter(
  { kind, alerts }: AlertMessage,
  formats: Formats,
  links: MessageLinks,
  now: Date,
): Letter {
  const words = WORDS[formats.language]
  const [first] = alerts
  if (!first) throw new RangeError('a message of alerts has at least one')
  const price = priceAndDrop(first.price, first.previousPrice, first.product.currency, formats)
  const others = alerts.length - 1
  const beginning = others === 0 ? price : words.subjectMore(price, others)
  return {
    language: formats.language,
    subject: `${beginning}: ${shortTitleOf(first.product)}`,
    preview: `${words.target} ${formats.money(first.targetPrice, first.product.currency)}, ${shopOf(first.product)}`,
    intro: kind === 'digest' ? words.digestIntro(alerts.length) : words.alertIntro(alerts.length),
    items: alerts.map((alert, index) => itemOf(alert, index, formats, links, now)),
    footer: footerOf(kind, links, 'keeper users mute --kind alert', formats),
  }
}

function itemOf(
  { product, watchId, price, priceAt, previousPrice, targetPrice, cause, history }: AlertFacts,
  index: number,
  formats: Formats,
  links: MessageLinks,
  now: Date,
): LetterItem {
  const words = WORDS[formats.language]
  const { currency } = product
  const target = formats.money(targetPrice, currency)
  const pause = links.pauseWatch(watchId)
  const isLate = now.getTime() - Date.parse(priceAt) > LATE_PRICE_HOURS * 3_600_000
  return {
    title: titleOf(product),
    url: addressOf(product),
    shop: shopOf(product),
    price: formats.money(price, currency),
    change: changeOf(price, previousPrice, currency, formats),
    seen: isLate ? words.seenAt(formats.time(priceAt)) : null,
    facts: [
      { label: words.target, value: target },
      { label: words.observed, value: formats.time(priceAt) },
      ...historyFacts(history, currency, formats),
    ],
    chart: chartOf(history.points, { price, target: targetPrice, currency }, index, formats, now),
    why: cause === 'target-reached' ? words.targetReached(target) : words.lowerAgain(target),
    links: [
      { text: words.buy(shopOf(product)), url: addressOf(product) },
      pause === null
        ? { text: words.pauseCommand(`keeper watches pause ${product.asin} --domain ${product.domain}`) }
        : { text: words.pause, url: pause },
    ],
  }
}
