import { type Amount, amountOfHundredths, hundredthsOf } from '../../money.ts'
import type { Formats } from '../formats.ts'
import type { Chart, Fact, Sentence } from '../letter.ts'
import type { HistoryFacts, MessageKind, MessageLinks, ProductFacts } from '../message.ts'
import { PICTURE_SIZE, pricePicture } from '../price-picture.ts'
import { WORDS } from '../words.ts'

/** Parts that several kinds of letters have. */

export const shopOf = ({ domain }: ProductFacts): string => `amazon.${domain}`

export const addressOf = (product: ProductFacts): string =>
  `https://www.${shopOf(product)}/dp/${product.asin}`

/** Control characters, and those that turn the direction of the text around them: a title is a shop's, and ends where it ends. */
const CONTROLS = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The title as one line, or the ASIN of a product without one. */
export const titleOf = ({ title, asin }: Pick<ProductFacts, 'title' | 'asin'>): string =>
  title.replace(CONTROLS, ' ').replace(/\s+/g, ' ').trim() || asin

/** A title that leaves room for more in a subject: cut between graphemes, with an ellipsis. */
export function shortTitleOf(product: ProductFacts, most = 60): string {
  const graphemes = Array.from(new Intl.Segmenter().segment(titleOf(product)), ({ segment }) => segment)
  return graphemes.length <= most
    ? graphemes.join('')
    : `${graphemes
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
}

/** How far a price is from the one before, as a share: -0.2 is a fifth less. */
const shareOf = (price: Amount, before: Amount): number =>
  (hundredthsOf(price) - hundredthsOf(before)) / hundredthsOf(before)

/** The price and how far it fell, for the beginning of a subject: `44.99 € (-25%)`. */
export function priceAndDrop(
  price: Amount,
  before: Amount | null,
  currency: string,
  formats: Formats,
): string {
  const money = formats.money(price, currency)
  const isDrop = before !== null && hundredthsOf(price) < hundredthsOf(before)
  return isDrop ? `${money} (${formats.percent(shareOf(price, before))})` : money
}

/** The difference to the price before, in money and percent. */
export function changeOf(price: Amount, before: Amount | null, currency: string, formats: Formats): string {
  const words = WORDS[formats.language]
  if (before === null) return words.firstPrice
  const hundredths = hundredthsOf(price) - hundredthsOf(before)
  const difference = formats.money(amountOfHundredths(Math.abs(hundredths)), currency)
  const percent = formats.percent(Math.abs(shareOf(price, before)))
  return (hundredths <= 0 ? words.less : words.more)(difference, percent, formats.money(before, currency))
}

/** What the history says, as far as there is enough of it. */
export function historyFacts(history: HistoryFacts, currency: string, formats: Formats): Fact[] {
  const words = WORDS[formats.language]
  const money = (amount: Amount) => formats.money(amount, currency)
  const { days30, days90, allTimeLow, watchedSince } = history
  const statistics = [[30, days30] as const, [90, days90] as const].flatMap(([days, found]) =>
    found
      ? [
          {
            label: words.ofDays(days),
            value: words.lowestAndMedian(money(found.lowest), money(found.median)),
          },
        ]
      : [],
  )
  return [
    ...statistics,
    ...(allTimeLow
      ? [{ label: words.allTimeLow, value: words.onDay(money(allTimeLow.price), formats.day(allTimeLow.at)) }]
      : []),
    ...(statistics.length === 0 ? [{ label: words.watchedSince, value: formats.day(watchedSince) }] : []),
  ]
}

/** A chart of the prices, if there are at least two; `index` tells the message's pictures apart. */
export function chartOf(
  points: HistoryFacts['points'],
  { price, target, currency }: { price: Amount; target: Amount | null; currency: string },
  index: number,
  formats: Formats,
  now: Date,
): Chart | null {
  const prices = points.flatMap((point) => (point.price === null ? [] : [point.price]))
  const [first] = points
  if (prices.length < 2 || !first) return null
  const words = WORDS[formats.language]
  const sorted = prices.toSorted((a, b) => hundredthsOf(a) - hundredthsOf(b))
  const money = (amount: Amount | undefined) => formats.money(amount ?? price, currency)
  const [from, until] = [formats.day(first.at), formats.day(now.toISOString())]
  const [lowest, highest] = [money(sorted[0]), money(sorted.at(-1))]
  const alt = words.chart(from, until, lowest, highest, money(price))
  return {
    image: {
      contentId: `chart-${index}`,
      name: `chart-${index}.png`,
      contentType: 'image/png',
      bytes: pricePicture(points, now.getTime(), target),
    },
    alt: target === null ? alt : alt + words.chartTarget(money(target)),
    width: PICTURE_SIZE.width / 2,
    height: PICTURE_SIZE.height / 2,
    labels: [from, words.range(lowest, highest), until],
  }
}

/** How to end such messages, and who sends them. `command` does it where there is no public address. */
export function footerOf(
  kind: MessageKind,
  { leaveKind }: MessageLinks,
  command: string,
  formats: Formats,
): Sentence[] {
  const words = WORDS[formats.language]
  return [
    { text: words.sender },
    leaveKind === null ? { text: words.leaveCommand(command) } : { text: words.leave[kind], url: leaveKind },
  ]
}
