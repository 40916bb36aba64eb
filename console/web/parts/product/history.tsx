import { useEffect, useMemo, useState } from 'preact/hooks'
import { lazy, useRoute } from 'preact-iso'
import type { ActionOutput } from '../../../server/actions.ts'
import { type Line, seenPrices } from '../chart/lines.ts'
import type { ChosenPoint } from '../chart/point.ts'
import { counted } from '../counted.ts'
import { Facts } from '../facts.tsx'
import { money } from '../money.ts'
import { Time } from '../time.tsx'
import { PointRecord } from './point-record.tsx'
import { PriceTable } from './price-table.tsx'
import { useTarget } from './target.tsx'

type ProductInMarketplace = ActionOutput<'products.show'>['marketplaces'][number]

export const PriceChart = lazy(() => import('../chart/price-chart.tsx'))

const DAY_S = 86_400
const RANGES = [
  ['day', 1],
  ['week', 7],
  ['month', 30],
  ['3 months', 90],
  ['year', 365],
  ['all', 36_500],
] as const

interface HistoryProps {
  readonly asin: string
  readonly own: ProductInMarketplace
  readonly others: readonly ProductInMarketplace[]
  readonly lines: readonly Line[]
  readonly isTable: boolean
  readonly setTable: (isTable: boolean) => void
  readonly together: readonly string[]
  readonly setTogether: (domains: readonly string[]) => void
}

/** A product's prices: what they say in a stretch of time, as a chart and as a table. */
export function History({
  asin,
  own,
  others,
  lines,
  isTable,
  setTable,
  together,
  setTogether,
}: HistoryProps) {
  const { query } = useRoute()
  const [days, setDays] = useState(90)
  const [isCut, setCut] = useState(false)
  const given = Number(query.at)
  const [chosen, setChosen] = useState<ChosenPoint | null>(
    given > 0 ? { domain: own.domain, at: given } : null,
  )
  const target = useTarget(own)
  const [line] = lines
  // Until now, as it was when the prices came.
  const until = useMemo(() => Date.now() / 1_000, [lines])
  const first = line?.at[0] ?? until
  const from = Math.max(first, until - days * DAY_S)
  const seen = useMemo(() => (line ? seenPrices(line, from, until) : null), [line, from, until])
  const band = useMemo(
    () => seen && { currency: own.currency, low: seen.lowest, high: seen.median },
    [seen, own.currency],
  )
  useEffect(() => {
    if (given > 0 && given < from) setDays(36_500)
  }, [])
  const name = RANGES.find(([, length]) => length === days)?.[0] ?? ''
  const amount = (price: number) => money(price, own.currency)
  const facts = [
    ['Now', own.price && !own.unavailableSince ? money(own.price, own.currency) : 'not offered', own.priceAt],
    ...(seen
      ? ([
          ['Lowest', amount(seen.lowest), seen.lowestAt * 1_000],
          ['Highest', amount(seen.highest), seen.highestAt * 1_000],
          ['Median by time', amount(seen.median), null],
        ] as const)
      : []),
    ['Target', target.watch ? money(target.value, own.currency) : 'not watched', null],
  ] as const
  const alerts = own.alerts.map(({ id, triggeredAt, price, target: wanted, status }) => ({
    ...{ id, at: Date.parse(triggeredAt) / 1_000, price: Number(price) },
    name: `Alert ${status.toLowerCase()}: ${money(price, own.currency)}, target ${money(wanted, own.currency)}`,
  }))
  const label = `Prices of ${own.title || asin}, ${name === 'all' ? 'all of them' : `the last ${name}`}: ${facts.map(([fact, value]) => `${fact} ${value}`).join(', ')}; ${counted(alerts.length, 'alert')}. Arrow keys read them one by one, Enter names the record.`
  return (
    <>
      <Facts
        of={facts.map(([fact, value, at]) => [
          fact,
          <>
            <strong>{value}</strong> {at !== null && <Time at={at} />}
          </>,
        ])}
      />
      {target.said}
      <div class="line">
        <fieldset class="choices">
          <legend class="unseen">How far back</legend>
          {RANGES.map(([range, length]) => (
            <label key={range}>
              <input type="radio" name="range" checked={days === length} onChange={() => setDays(length)} />
              {range}
            </label>
          ))}
        </fieldset>
        {others.map(({ domain, currency, observations }) => (
          <label class="switch" key={domain}>
            <input
              type="checkbox"
              disabled={observations === 0}
              checked={together.includes(domain)}
              onChange={({ currentTarget: { checked } }) =>
                setTogether(checked ? [...together, domain] : together.filter((one) => one !== domain))
              }
            />
            with {domain} ({observations === 0 ? 'no price yet' : currency})
          </label>
        ))}
        <label class="switch">
          <input type="checkbox" checked={isCut} onChange={() => setCut(!isCut)} /> cut extremes
        </label>
        <label class="switch">
          <input type="checkbox" checked={isTable} onChange={() => setTable(!isTable)} /> as a table
        </label>
      </div>
      {isTable ? (
        <PriceTable asin={asin} lines={lines} days={days} />
      ) : (
        <PriceChart
          {...{ lines, from, until, alerts, isCut, label, band, chosen }}
          target={target.value}
          onChoose={setChosen}
          onTarget={target.move}
        />
      )}
      {chosen && <PointRecord asin={asin} point={chosen} lines={lines} />}
    </>
  )
}
