import { useMemo, useState } from 'preact/hooks'
import { lazy, useRoute } from 'preact-iso'
import type { ActionOutput } from '../../server/actions.ts'
import { type CallFailed, call, useCall, useRows } from '../api.ts'
import { DataTable } from '../parts/data-table.tsx'
import { money } from '../parts/money.ts'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

const PriceChart = lazy(() => import('../parts/price-chart.tsx'))

const DAY_MS = 86_400_000
const RANGES = [
  ['day', 1],
  ['week', 7],
  ['month', 30],
  ['3 months', 90],
  ['year', 365],
  ['all', 36_500],
] as const

type Summary = ActionOutput<'prices.show'>
type Point = ActionOutput<'prices.list'>['rows'][number]

/** One product: its prices as a chart and as a table, and who watches it. */
export default function Product() {
  const { domain = '', asin = '' } = useRoute().params
  const summary = useCall('prices.show', { product: asin, domain, days: 36_500 })
  const points = useRows('prices.list', { product: asin, domain, days: 36_500 })
  return (
    <Loaded of={summary}>
      {(shown) => (
        <>
          <h1>{shown.title || asin}</h1>
          <p class="soft">
            <a href={`https://www.amazon.${domain}/dp/${asin}`} rel="noreferrer" target="_blank">
              {asin} on amazon.{domain}
            </a>
          </p>
          <Loaded of={points} empty="No price was seen yet: the next price check brings one.">
            {(rows) => <History summary={shown} points={rows} />}
          </Loaded>
        </>
      )}
    </Loaded>
  )
}

function History({ summary, points }: { readonly summary: Summary; readonly points: readonly Point[] }) {
  const { currency, asin, domain, statistics } = summary
  const [days, setDays] = useState(90)
  const [isCut, setCut] = useState(false)
  const [isTable, setTable] = useState(false)
  const watches = useRows('watches.list', {})
  const watch = watches.value?.find((one) => one.asin === asin && one.domain === domain)
  const alerts = useRows('alerts.list', {})
  const [failed, setFailed] = useState<CallFailed>()
  const untilMs = Date.parse(summary.until)
  const chartPoints = useMemo(
    () =>
      points.map(({ at, price }) => ({ atMs: Date.parse(at), price: price === null ? null : Number(price) })),
    [points],
  )
  const marks = useMemo(
    () =>
      (alerts.value ?? [])
        .filter((one) => one.asin === asin && one.domain === domain)
        .map(({ triggeredAt, price }) => ({ atMs: Date.parse(triggeredAt), price: Number(price) })),
    [alerts.value, asin, domain],
  )
  const format = (price: number) => money(price.toFixed(2), currency)
  const moveTarget = async (price: number) => {
    if (!watch) return
    try {
      await call('watches.target', { watch: watch.id, target: price.toFixed(2) })
      watches.again()
      setFailed(undefined)
    } catch (error) {
      setFailed(error as CallFailed)
    }
  }
  const facts = statistics
    ? [
        ['Now', format(Number(statistics.now.price)), statistics.now.at],
        ['Lowest', format(Number(statistics.lowest.price)), statistics.lowest.at],
        ['Highest', format(Number(statistics.highest.price)), statistics.highest.at],
        ['Median by time', format(Number(statistics.median)), null],
      ]
    : []
  const fromMs = Math.max(untilMs - days * DAY_MS, chartPoints[0]?.atMs ?? 0)
  return (
    <>
      <dl class="facts">
        {facts.map(([name, value, at]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <strong>{value}</strong> {at !== null && at !== undefined && <Time at={at} />}
            </dd>
          </div>
        ))}
        <div>
          <dt>Target</dt>
          <dd>
            <strong>{watch ? money(watch.target, currency) : 'not watched'}</strong>
          </dd>
        </div>
      </dl>
      {failed && (
        <div class="failed" role="alert">
          {failed.message}
        </div>
      )}
      <div class="line">
        <fieldset class="choices">
          <legend class="unseen">How far back</legend>
          {RANGES.map(([name, length]) => (
            <label key={name}>
              <input type="radio" name="range" checked={days === length} onChange={() => setDays(length)} />
              {name}
            </label>
          ))}
        </fieldset>
        <label class="switch">
          <input type="checkbox" checked={isCut} onChange={() => setCut(!isCut)} /> cut extremes
        </label>
        <label class="switch">
          <input type="checkbox" checked={isTable} onChange={() => setTable(!isTable)} /> as a table
        </label>
      </div>
      {isTable ? (
        <DataTable
          label="Prices"
          rows={points.toReversed()}
          keyOf={({ at, source, price }) => `${at}${source}${price}`}
          columns={[
            { name: 'Time', width: 20, cell: ({ at }) => <Time at={at} /> },
            { name: 'Price', width: 8, cell: ({ price }) => money(price, currency), align: 'right' },
            { name: 'Source', cell: ({ source }) => source },
          ]}
        />
      ) : (
        <PriceChart
          points={chartPoints}
          {...{ fromMs, untilMs, isCut, format }}
          alerts={marks}
          target={watch?.target ? Number(watch.target) : null}
          marks={
            statistics
              ? [
                  { name: 'lowest', price: Number(statistics.lowest.price) },
                  { name: 'median', price: Number(statistics.median) },
                ]
              : []
          }
          label={`Prices of ${summary.title || asin}: ${facts.map(([name, value]) => `${name} ${value}`).join(', ')}. Arrow keys read them one by one.`}
          onTarget={watch && moveTarget}
        />
      )}
    </>
  )
}
