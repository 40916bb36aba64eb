import { useEffect, useState } from 'preact/hooks'
import { useRoute } from 'preact-iso'
import type { ActionOutput } from '../../server/actions.ts'
import { useLive } from '../api.ts'
import { useCharts } from '../parts/chart/charts.ts'
import { ProductAlerts } from '../parts/product/alerts.tsx'
import { History, PriceChart } from '../parts/product/history.tsx'
import { ProductWatches } from '../parts/product/watches.tsx'
import { Failed, Loaded } from '../parts/states.tsx'
import { AddWatch } from '../parts/watches/add-watch.tsx'

/** How soon an alert or a price is seen. */
const LIVE_MS = 2_000

type Page = ActionOutput<'products.show'>
type ProductInMarketplace = Page['marketplaces'][number]

/** One product: its prices as a chart and as a table, in each marketplace, and who watches it. */
export default function Product() {
  const { domain = '', asin = '' } = useRoute().params
  const product = useLive('products.show', { product: asin }, LIVE_MS)
  // It comes while the prices are asked for.
  useEffect(() => void PriceChart.preload(), [])
  const isKnown = product.value?.marketplaces.some((one) => one.domain === domain)
  return (
    <>
      {!isKnown && <h1>{asin}</h1>}
      {product.error?.code === 'no_such_product' && (
        <AddWatch product={`https://www.amazon.${domain}/dp/${asin}`} onAdded={product.again} />
      )}
      <Loaded of={product}>
        {({ marketplaces }) => {
          const own = marketplaces.find((one) => one.domain === domain)
          if (own)
            return <Shown key={`${domain} ${asin}`} asin={asin} own={own} marketplaces={marketplaces} />
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
    </>
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
