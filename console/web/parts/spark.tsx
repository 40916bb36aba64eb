import { money } from './money.ts'

/** Prices from their times on, oldest first; null from when nothing was offered. */
export interface SparkPrices {
  /** Seconds since 1970. */
  readonly at: readonly number[]
  readonly price: readonly (number | null)[]
}

const WIDTH = 96
const HEIGHT = 24
const DAYS_S = 30 * 86_400

/** A small step chart of 30 days, for lists: the shape alone. Nothing until it is there, a dash where there is none. */
export function Spark({
  spark,
  currency,
}: {
  readonly spark: SparkPrices | null | undefined
  readonly currency: string
}) {
  if (spark === undefined) return null
  const prices = spark?.price.filter((price) => price !== null) ?? []
  if (!spark || prices.length === 0) return <span class="soft">–</span>
  const until = Date.now() / 1_000
  const from = until - DAYS_S
  const [lowest, highest] = [Math.min(...prices), Math.max(...prices)]
  const xOf = (at: number) => ((Math.max(at, from) - from) / (until - from)) * WIDTH
  const yOf = (price: number) =>
    2 + (HEIGHT - 4) * (highest === lowest ? 0.5 : (highest - price) / (highest - lowest))
  let path = ''
  let isDrawn = false
  for (const [index, at] of spark.at.entries()) {
    const price = spark.price[index] ?? null
    if (price !== null) {
      const y = yOf(price).toFixed(1)
      const end = xOf(spark.at[index + 1] ?? until).toFixed(1)
      path += `${isDrawn ? `V${y}` : `M${xOf(at).toFixed(1)} ${y}`}H${end}`
    }
    isDrawn = price !== null
  }
  return (
    <svg class="spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img">
      <title>{`30 days: from ${money(lowest, currency)} to ${money(highest, currency)}`}</title>
      <path d={path} />
    </svg>
  )
}
