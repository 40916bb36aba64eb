import type uPlot from 'uplot'

/**
 * Draws prices as steps, and of all that share a column of pixels only what can be seen there: its lowest, its highest
 * and its last. A picture of 100,000 points has no more lines than one of its width. `undefined` is another line's time,
 * null ends the line.
 */
export const stepPath: uPlot.Series.PathBuilder = (plot, series, first, last) => {
  const [times = []] = plot.data
  const prices = plot.data[series] ?? []
  const x = scaleOf(plot.scales.x, plot.bbox.left, plot.bbox.width)
  const y = scaleOf(
    plot.scales[plot.series[series]?.scale ?? 'y'],
    plot.bbox.top + plot.bbox.height,
    -plot.bbox.height,
  )
  const stroke = new Path2D()
  let isDown = false
  let [column, low, high, pen] = [0, 0, 0, 0]
  const finishColumn = () => {
    if (low !== high) {
      stroke.lineTo(column, low)
      stroke.lineTo(column, high)
    }
    stroke.lineTo(column, pen)
  }
  for (let index = first; index <= last; index += 1) {
    const price = prices[index]
    if (price === undefined) continue
    const left = Math.round(x(times[index] ?? 0))
    if (price === null) {
      if (isDown) {
        finishColumn()
        stroke.lineTo(left, pen)
      }
      isDown = false
      continue
    }
    const top = y(price)
    if (!isDown) {
      stroke.moveTo(left, top)
      isDown = true
      ;[column, low, high] = [left, top, top]
    } else if (left === column) {
      low = Math.min(low, top)
      high = Math.max(high, top)
    } else {
      finishColumn()
      stroke.lineTo(left, pen)
      column = left
      low = Math.min(pen, top)
      high = Math.max(pen, top)
    }
    pen = top
  }
  if (isDown) finishColumn()
  return { stroke, flags: 0 }
}

/** uPlot's `valToPos` of a linear scale, without a call for each point. */
function scaleOf(scale: uPlot.Scale | undefined, start: number, length: number): (value: number) => number {
  const { min = 0, max = 1 } = scale ?? {}
  const factor = length / (max - min || 1)
  return (value) => start + (value - min) * factor
}
