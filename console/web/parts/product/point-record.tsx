import { useCall } from '../../api.ts'
import type { Line } from '../chart/lines.ts'
import type { ChosenPoint } from '../chart/point.ts'
import { money } from '../money.ts'
import { Loaded } from '../states.tsx'
import { Time } from '../time.tsx'
import { RecordLink } from './record-link.tsx'

/** What a point of the chart was made from: each leads to its message. */
export function PointRecord({
  asin,
  point,
  lines,
}: {
  readonly asin: string
  readonly point: ChosenPoint
  readonly lines: readonly Line[]
}) {
  const { domain, at } = point
  const currency = lines.find((line) => line.domain === domain)?.currency ?? 'EUR'
  const records = useCall('prices.records', { product: asin, domain, at })
  return (
    <section class="said" aria-label="The record of this price" aria-live="polite">
      <Loaded of={records} empty="This time is the end of the chart, or its row is gone.">
        {(rows) => (
          <ul class="plain">
            {rows.map((row) => (
              <li key={`${row.topic} ${row.partition} ${row.offset}`}>
                <strong>{row.price === null ? 'not offered' : money(row.price, currency)}</strong> on amazon.
                {domain}, <Time at={row.at} />, from <RecordLink {...row} />
                {row.flag === 'history' && ', imported'}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  )
}
