import { draw, pick } from './draw.ts'

type OneOrMore<T> = readonly [T, ...T[]]

/** Products that are alike: who makes them, what they are, and what they cost. */
interface Range {
  readonly brands: OneOrMore<string>
  readonly kinds: OneOrMore<string>
  readonly variants: OneOrMore<string>
  /** Cheapest and dearest, in minor units. */
  readonly prices: readonly [number, number]
}

const RANGES: OneOrMore<Range> = [
  {
    brands: ['Logitech', 'Cherry', 'Keychron', 'Microsoft', 'Perixx'],
    kinds: ['Wireless Keyboard', 'Mechanical Keyboard', 'Ergonomic Mouse', 'Gaming Mouse', 'Numeric Keypad'],
    variants: ['Graphite', 'White', 'Bluetooth', 'USB-C', 'Compact'],
    prices: [1_499, 17_999],
  },
  {
    brands: ['Sony', 'Bose', 'Sennheiser', 'JBL', 'Anker Soundcore'],
    kinds: ['Noise Cancelling Headphones', 'In-Ear Headphones', 'Bluetooth Speaker', 'Soundbar'],
    variants: ['Black', 'Silver', 'Midnight Blue', '2nd Generation'],
    prices: [2_999, 42_999],
  },
  {
    brands: ['Samsung', 'SanDisk', 'Crucial', 'Western Digital', 'Kingston'],
    kinds: ['NVMe SSD', 'Portable SSD', 'microSDXC Card', 'USB Flash Drive'],
    variants: ['256 GB', '512 GB', '1 TB', '2 TB'],
    prices: [1_199, 21_999],
  },
  {
    brands: ['Philips', "De'Longhi", 'Krups', 'Tefal', 'KitchenAid'],
    kinds: ['Espresso Machine', 'Air Fryer', 'Hand Blender', 'Electric Kettle', 'Toaster'],
    variants: ['Stainless Steel', 'Matt Black', 'Cream', '1500 W'],
    prices: [2_499, 64_999],
  },
  {
    brands: ['Bosch', 'Makita', 'DeWalt', 'Einhell', 'Wera'],
    kinds: ['Cordless Drill', 'Jigsaw', 'Bit Set', 'Orbital Sander', 'Multi-Tool'],
    variants: ['18 V', '12 V, 2 Batteries', 'with Case', 'Solo'],
    prices: [1_999, 32_999],
  },
  {
    brands: ['LEGO', 'Ravensburger', 'Playmobil', 'Hasbro', 'Schleich'],
    kinds: ['Building Set', 'Jigsaw Puzzle', 'Board Game', 'Figure Set'],
    variants: ['1000 Pieces', 'for Ages 8+', 'Collector Edition', 'Family Pack'],
    prices: [999, 24_999],
  },
  {
    brands: ['Garmin', 'Fitbit', 'Amazfit', 'Polar', 'Withings'],
    kinds: ['Running Watch', 'Fitness Tracker', 'Smart Scale', 'Heart Rate Monitor'],
    variants: ['Black', 'Rose Gold', '42 mm', '46 mm'],
    prices: [2_999, 59_999],
  },
  {
    brands: ['Anker', 'UGREEN', 'Belkin', 'Baseus', 'AmazonBasics'],
    kinds: ['USB-C Charger', 'Power Bank', 'HDMI Cable', 'USB-C Hub', 'Phone Mount'],
    variants: ['65 W', '10,000 mAh', '2 m', '7-in-1', 'Pack of 2'],
    prices: [799, 8_999],
  },
]

/** What a product is called and costs when nothing is on sale. */
export interface Article {
  readonly title: string
  /** Minor units. */
  readonly basePrice: number
}

/** The n-th article: brand, model, kind and variant of one range. Some titles are as rough as real ones. */
export function articleOf(seed: number, index: number): Article {
  const range = pick(RANGES, seed, index, 1)
  const model = `${String.fromCharCode(65 + Math.floor(draw(seed, index, 2) * 26))}${100 + (index % 900)}`
  const plain = [
    pick(range.brands, seed, index, 3),
    model,
    `${pick(range.kinds, seed, index, 4)},`,
    pick(range.variants, seed, index, 5),
  ].join(' ')
  const [cheapest, dearest] = range.prices
  // Squared, so that most are nearer the cheap end; then ending in 99.
  const spread = draw(seed, index, 6) ** 2 * (dearest - cheapest)
  return { title: roughened(plain, index), basePrice: Math.round((cheapest + spread) / 100) * 100 + 99 }
}

/** Markup, emoji, right-to-left text and a very long title: Amazon has them all, so every catalogue does. */
function roughened(title: string, index: number): string {
  switch (index % 50) {
    case 11:
      return `<b>${title}</b> &amp; Accessories`
    case 12:
      return `${title} <script>alert('sale')</script>`
    case 23:
      return `🔥 ${title} 👨‍👩‍👧‍👦 🎁`
    case 34:
      return `${title} – لوحة مفاتيح لاسلكية`
    case 45:
      return `${title}, ${'compatible with every device that you own, '.repeat(14)}and more`
    default:
      return title
  }
}
