import { useRows } from '../../api.ts'
import type { Line } from '../chart/lines.ts'
import { DataTable } from '../data-table.tsx'
import { money } from '../money.ts'
import { Loaded } from '../states.tsx'
import { absolute, isUtc } from '../time.tsx'
import { RecordLink } from './record-link.tsx'

/** What the chart shows, as a table of each marketplace: every price with its record, the newest first. */
export const PriceTable = ({
  asin,
  lines,
  days,
}: {
  readonly asin: string
  readonly lines: readonly Line[]
  readonly days: number
}) => (
  <>
    {lines.map(({ domain, currency }) => (
      <MarketplaceTable key={domain} {...{ asin, domain, currency, days }} isAlone={lines.length === 1} />
    ))}
  </>
)

function MarketplaceTable({
  asin,
  domain,
  currency,
  days,
  isAlone,
}: {
  readonly asin: string
  readonly domain: string
  readonly currency: string
  readonly days: number
  readonly isAlone: boolean
}) {
  const points = useRows('prices.list', { product: asin, domain, days })
  return (
    <>
      {!isAlone && <h2>amazon.{domain}</h2>}
      <Loaded of={points} empty="No price was seen in this time.">
        {(rows) => (
          <DataTable
            label={isAlone ? 'Prices' : `Prices of amazon.${domain}`}
            rows={rows.toReversed()}
            keyOf={({ at, topic, partition, offset }) => `${at} ${topic} ${partition} ${offset}`}
            columns={[
              {
                name: 'Time',
                width: 16,
                cell: ({ at }) => absolute(Date.parse(at), isUtc.value),
              },
              {
                name: 'Price',
                width: 9,
                cell: ({ price }) => (price === null ? 'not offered' : money(price, currency)),
                align: 'right',
              },
              { name: 'Record', cell: (row) => <RecordLink {...row} /> },
            ]}
          />
        )}
      </Loaded>
    </>
  )
}
