import { useState } from 'preact/hooks'
import type { ActionInput, ActionOutput } from '../../server/actions.ts'
import { useCall, useRows } from '../api.ts'
import { DataTable, type TableColumn } from '../parts/data-table.tsx'
import { KeepFilter, type WantedDeals } from '../parts/keep-filter.tsx'
import { money } from '../parts/money.ts'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

type Deal = ActionOutput<'deals.list'>['rows'][number]
type Limits = Omit<ActionInput<'deals.list'>, 'cursor'>

type Sort = NonNullable<ActionInput<'deals.search'>['sort']>

const SORTS: Readonly<Record<Sort, string>> = {
  relevance: 'best match',
  price: 'lowest price',
  discount: 'largest discount',
  newest: 'newest',
}

/** What one answer holds at most. */
const MOST_FOUND = 200

const COLUMNS: readonly TableColumn<Deal>[] = [
  { name: 'Product', cell: ({ title, asin }) => title || asin },
  { name: 'Shop', width: 6, cell: ({ domain }) => domain },
  { name: 'Price', width: 8, cell: ({ price, currency }) => money(price, currency), align: 'right' },
  {
    name: 'Before',
    width: 8,
    cell: ({ original, currency }) => money(original, currency),
    align: 'right',
  },
  {
    name: 'Less',
    width: 6,
    cell: ({ discount }) => (discount === null ? '–' : `${discount} %`),
    align: 'right',
  },
  { name: 'Rating', width: 7, cell: ({ rating }) => rating ?? '–', align: 'right' },
  { name: 'Seen', width: 20, cell: ({ dealAt }) => <Time at={dealAt} /> },
]

/** What one has chosen: words of titles, with an order, and limits, which can be kept as a filter of the daily report. */
interface Choice {
  readonly words: string
  readonly sort: Sort
  readonly limits: Limits
}

/** Deals, narrowed down as one chooses. */
export default function Deals() {
  const [{ words, sort, limits }, setChoice] = useState<Choice>({ words: '', sort: 'relevance', limits: {} })
  const change = (event: Event) => {
    const given = new FormData(event.currentTarget as HTMLFormElement)
    const number = (name: string) => (given.get(name) ? Number(given.get(name)) : undefined)
    setChoice({
      words: String(given.get('words') ?? '').trim(),
      sort: String(given.get('sort') ?? 'relevance') as Sort,
      limits: {
        domain: String(given.get('domain') ?? '') || undefined,
        minDiscount: number('minDiscount'),
        maxPrice: String(given.get('maxPrice') ?? '') || undefined,
        minRating: number('minRating'),
      } as Limits,
    })
  }
  return (
    <>
      <h1>Deals</h1>
      <form class="line" onChange={change} onSubmit={(event) => event.preventDefault()}>
        <label>
          Words of the title
          <input name="words" type="search" maxLength={200} placeholder="logitech k380" />
        </label>
        <label>
          Shop
          <select name="domain">
            <option value="">all</option>
            {['com', 'co.uk', 'de', 'fr', 'it', 'es', 'ca', 'co.jp', 'in', 'com.mx', 'com.br'].map(
              (domain) => (
                <option key={domain}>{domain}</option>
              ),
            )}
          </select>
        </label>
        <label>
          Discount from %
          <input name="minDiscount" type="number" min={0} max={99} />
        </label>
        <label>
          Price up to
          <input name="maxPrice" inputMode="decimal" size={8} />
        </label>
        <label>
          Stars from
          <input name="minRating" type="number" min={0} max={5} step={0.5} />
        </label>
        <label>
          Order
          <select name="sort" disabled={words === ''}>
            {Object.entries(SORTS).map(([name, title]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <KeepFilter wanted={{ ...(limits as WantedDeals), ...(words && { titleContains: words }) }} />
      </form>
      {words === '' ? <Listed limits={limits} /> : <Found words={words} sort={sort} limits={limits} />}
    </>
  )
}

const NONE = 'No deal is like that: fewer limits show more.'

/** All deals, the largest discount first. */
function Listed({ limits }: Pick<Choice, 'limits'>) {
  const deals = useRows('deals.list', limits)
  return (
    <Loaded of={deals} empty={NONE}>
      {(rows) => <DealTable rows={rows} />}
    </Loaded>
  )
}

/** As `keeper search` finds them. */
function Found({ words, sort, limits }: Choice) {
  const found = useCall('deals.search', { query: words, sort, limit: MOST_FOUND, ...limits })
  return (
    <Loaded of={found}>
      {({ rows, match, hasMore, source, notice }) => (
        <>
          {notice !== null && <p role="status">{notice}</p>}
          {rows.length === 0 && <div class="empty">{NONE}</div>}
          {match === 'similar' && <p>No title has these words; these have words like them.</p>}
          {rows.length > 0 && <DealTable rows={rows} />}
          <p>
            {hasMore && `The first ${MOST_FOUND}. `}
            Searched in {source === 'postgres' ? 'Postgres' : 'OpenSearch'}.
          </p>
        </>
      )}
    </Loaded>
  )
}

const DealTable = ({ rows }: { readonly rows: readonly Deal[] }) => (
  <DataTable
    label="Deals"
    rows={rows}
    columns={COLUMNS}
    keyOf={({ asin, domain }) => `${domain}/${asin}`}
    href={({ asin, domain }) => `/products/${domain}/${asin}`}
  />
)
