import { MARKETPLACES } from '../lambdas/core/marketplaces.ts'
import type { DealDocument } from '../lambdas/core/search/deal-document.ts'
import { asinOf, random } from './input.ts'

/** Deals with titles as shops write them, of which some thousand words are common and the model is rare. */

const BRANDS =
  'Logitech Anker Samsung Philips Bosch Sony Razer Corsair Hama Aukey Tefal Braun Makita Lego Playmobil Adidas Puma Xiaomi Lenovo Acer Asus Kingston Sandisk Crucial Siemens Krups Fissler'.split(
    ' ',
  )
const THINGS = [
  ...['Gaming-Mäuse', 'Funktastatur', 'Multi-Device Keyboard', 'Kopfhörer', 'Staubsauger', 'Akkuschrauber'],
  ...['Kaffeevollautomat', 'Bratpfanne', 'Laufschuhe', 'Smartphone', 'USB-C Ladegerät', 'Powerbank'],
  ...['SSD Festplatte', 'Speicherkarte', 'Grafikkarte', 'Monitor', 'Rasierer', 'Zahnbürste'],
  ...['Küchenmaschine', 'Wasserkocher', 'Toaster', 'Bohrhammer', 'Lampe', 'Rucksack', 'Spielzeug'],
]
const COLOURS = ['schwarz', 'weiß', 'rot', 'blau', 'grün', 'silber', 'grau']
const TRAITS = ['kabellos', 'wiederaufladbar', 'wasserdicht', 'leise', 'kompakt', 'für Zuhause', 'im Set']

const START_MS = Date.UTC(2026, 0, 1)

/** The same numbers make the same deals. */
export function* drawDeals(count: number, seed: number): Generator<DealDocument> {
  const draw = random(seed)
  const one = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T
  for (let index = 0; index < count; index += 1) {
    const price = (500 + Math.floor(draw() * 50_000)) / 100
    yield {
      asin: asinOf(index),
      domain: one(MARKETPLACES).domain,
      title: `${one(BRANDS)} ${modelOf(draw)} ${one(THINGS)} ${one(COLOURS)}, ${one(TRAITS)}, ${Math.floor(draw() * 1_000)} Watt`,
      current_price: price,
      original_price: Math.round(price * 130) / 100,
      discount_percent: Math.floor(draw() * 80),
      rating: Math.round(10 + draw() * 40) / 10,
      review_count: Math.floor(draw() * 10_000),
      sales_rank: index,
      deal_at: new Date(START_MS + index * 1_000).toISOString(),
    }
  }
}

const modelOf = (draw: () => number): string =>
  `${String.fromCharCode(65 + Math.floor(draw() * 26))}${100 + Math.floor(draw() * 900)}`

/** What people look for: a model, a brand's things, one word with limits, a beginning, a part, a typo. */
export const SEARCHES = [
  { query: 'logitech k380' },
  { query: 'logitech maus', domain: 'de', maxPrice: '50', minRating: 4, minDiscount: 20 },
  { query: 'bosch akkuschrauber', sort: 'price' },
  { query: 'philips zahnbürste blau', sort: 'discount' },
  { query: 'tastatur', domain: 'de', sort: 'newest' },
  { query: 'schwarz', maxPrice: '20', sort: 'price' },
  { query: 'samsung s24' },
  { query: 'logi tast' },
  { query: 'logitehc k380' },
  { query: 'kopfhörrer sony' },
] as const
