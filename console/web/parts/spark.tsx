/** A price from its time on; null from when nothing was offered. */
export interface SparkPoint {
  readonly at: string
  readonly price: string | null
}

const WIDTH = 96
const HEIGHT = 24

/** A small step chart, for lists: the shape alone. */
export function Spark({
  points,
  untilMs,
}: {
  readonly points: readonly SparkPoint[]
  readonly untilMs: number
}) {
  const prices = points.flatMap(({ price }) => (price === null ? [] : [Number(price)]))
  if (prices.length === 0) return <span class="soft">–</span>
  const [lowest, highest] = [Math.min(...prices), Math.max(...prices)]
  const fromMs = Date.parse(points[0]?.at ?? '')
  const xOf = (ms: number) => ((ms - fromMs) / Math.max(1, untilMs - fromMs)) * WIDTH
  const yOf = (price: number) =>
    2 + (HEIGHT - 4) * (highest === lowest ? 0.5 : (highest - price) / (highest - lowest))
  let path = ''
  let isDrawn = false
  for (const [index, { at, price }] of points.entries()) {
    const end = points[index + 1]?.at
    if (price === null) {
      isDrawn = false
      continue
    }
    const [x, y] = [xOf(Date.parse(at)).toFixed(1), yOf(Number(price)).toFixed(1)]
    path += `${isDrawn ? `V${y}` : `M${x} ${y}`}H${xOf(end ? Date.parse(end) : untilMs).toFixed(1)}`
    isDrawn = true
  }
  return (
    <svg class="spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img">
      <title>{`from ${lowest} to ${highest}`}</title>
      <path d={path} />
    </svg>
  )
}
