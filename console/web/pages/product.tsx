import { useEffect, useMemo, useState } from 'preact/hooks'
import { lazy, useRoute } from 'preact-iso'
import type { ActionOutput } from '../../server/actions.ts'
import { useLive } from '../api.ts'
import { useCharts } from '../parts/chart/charts.ts'
import type { Line } from '../parts/chart/lines.ts'
import { seenPrices } from '../parts/chart/lines.ts'
import type { ChosenPoint } from '../parts/chart/price-chart.tsx'
import { Facts } from '../parts/facts.tsx'
import { money } from '../parts/money.ts'
import { ProductAlerts } from '../parts/product/alerts.tsx'
import { PointRecord } from '../parts/product/point-record.tsx'
import { PriceTable } from '../parts/product/price-table.tsx'
import { useTarget } from '../parts/product/target.tsx'
import { ProductWatches } from '../parts/product/watches.tsx'
import { Failed, Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

const PriceChart = lazy(() => import('../parts/chart/price-chart.tsx'))

const DAY_S = 86_400
const RANGES = [
  ['day', 1],
  ['week', 7],
  ['month', 30],
  ['3 months', 90],
  ['year', 365],
  ['all', 36_500],
] as const

/** How soon an alert or a price is seen. */
const LIVE_MS = 2_000

type Page = ActionOutput<'products.show'>
export type ProductInMarketplace = Page['marketplaces'][number]

/** One product: its prices as a chart and as a table, in each marketplace, and who watches it. */
export default function Product() {
  const { domain = '', asin = '' } = useRoute().params
  const product = useLive('products.show', { product: asin }, LIVE_MS)
  return (
    <Loaded of={product}>
      {({ marketplaces }) => {
        const own = marketplaces.find((one) => one.domain === domain)
        if (own) return <Shown key={`${domain} ${asin}`} asin={asin} own={own} marketplaces={marketplaces} />
        return (
          <div class="empty">
            Keeper has {asin} of{' '}
            {marketplaces.map((one) => (
              <a key={one.domain} href={`/products/${one.domain}/${asin}`}>
                {one.domain}
              </a>
            ))}
            , and not of {domain}.
          </div>
        )
      }}
    </Loaded>
  )
}

interface ShownProps {
  readonly asin: string
  readonly own: ProductInMarketplace
  readonly marketplaces: readonly ProductInMarketplace[]
}

function Shown({ asin, own, marketplaces }: ShownProps) {
  const others = marketplaces.filter(({ domain }) => domain !== own.domain)
  const [together, setTogether] = useState<readonly string[]>([])
  const [isTable, setTable] = useState(false)
  const shown = [own, ...others.filter(({ domain }) => together.includes(domain))]
  const charts = useCharts(asin, shown)
  return (
    <>
      <h1>{own.title || asin}</h1>
      <p class="soft">
        <a href={`https://www.amazon.${own.domain}/dp/${asin}`} rel="noreferrer" target="_blank">
          {asin} on amazon.{own.domain}
        </a>
        {others.map(({ domain }) => (
          <>
            {' · '}
            <a href={`/products/${domain}/${asin}`}>{domain}</a>
          </>
        ))}
      </p>
      {charts.error && <Failed error={charts.error} again={charts.again} />}
      {own.observations === 0 ? (
        <div class="empty">No price was seen yet: the next price check brings one.</div>
      ) : charts.lines ? (
        <History
          {...{ asin, own, isTable, setTable, together, setTogether }}
          others={others}
          lines={charts.lines}
        />
      ) : (
        !charts.error && <output class="loading">Loading</output>
      )}
      <ProductWatches asin={asin} product={own} />
      <ProductAlerts product={own} />
    </>
  )
}

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

function History({ asin, own, others, lines, isTable, setTable, together, setTogether }: HistoryProps) {
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
  const label = `Prices of ${own.title || asin}, ${name === 'all' ? 'all of them' : `the last ${name}`}: ${facts.map(([fact, value]) => `${fact} ${value}`).join(', ')}; ${alerts.length} alerts. Arrow keys read them one by one, Enter names the record.`
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
