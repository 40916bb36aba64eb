/**
 * Indexes of Keepa's price and count series, the same in `csv`, `stats.*` and a deal's arrays; only the series that
 * Keeper reads. Source: `Product.CsvType` in Keepa's own Java client (github.com/keepacom/api_backend).
 */
export const CSV = {
  /** Sold by Amazon itself. */
  amazon: 0,
  /** The lowest new offer of anyone. */
  new: 1,
  salesRank: 3,
  listPrice: 4,
  newFbmShipping: 7,
  /** The lowest new offer of a third party that Amazon ships. */
  newFba: 10,
  /** 0-50: 45 is 4.5 stars. */
  rating: 16,
  reviewCount: 17,
  buyBoxShipping: 18,
  buyBoxUsedShipping: 32,
} as const

/** The index of a series. */
export type CsvType = (typeof CSV)[keyof typeof CSV]

/** Series whose `csv` consists of triplets `[time, price, shipping ...]`; the others consist of pairs `[time, value ...]`. */
export const TRIPLETS: ReadonlySet<CsvType> = new Set([
  CSV.newFbmShipping,
  CSV.buyBoxShipping,
  CSV.buyBoxUsedShipping,
])

/** The number of series: the length of `csv` and of each array in `stats`. */
export const CSV_LENGTH = 36
