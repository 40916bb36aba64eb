import { useState } from 'preact/hooks'
import type { ActionInput, ActionOutput } from '../../server/actions.ts'
import { call, useRows } from '../api.ts'
import { Act } from '../parts/act.tsx'
import { DataTable, type TableColumn } from '../parts/data-table.tsx'
import { money } from '../parts/money.ts'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

type Deal = ActionOutput<'deals.list'>['rows'][number]
type Limits = Omit<ActionInput<'deals.list'>, 'cursor'>

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

/** Deals, narrowed down as one chooses; what one has chosen can be kept as a filter of the daily report. */
export default function Deals() {
  const [limits, setLimits] = useState<Limits>({})
  const deals = useRows('deals.list', limits)
  const change = (event: Event) => {
    const given = new FormData(event.currentTarget as HTMLFormElement)
    const number = (name: string) => (given.get(name) ? Number(given.get(name)) : undefined)
    setLimits({
      domain: String(given.get('domain') ?? '') || undefined,
      minDiscount: number('minDiscount'),
      maxPrice: String(given.get('maxPrice') ?? '') || undefined,
      minRating: number('minRating'),
    } as Limits)
  }
  return (
    <>
      <h1>Deals</h1>
      <form class="line" onChange={change} onSubmit={(event) => event.preventDefault()}>
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
        <Act isQuiet work={() => call('filters.add', limits as ActionInput<'filters.add'>)}>
          Keep as a filter
        </Act>
      </form>
      <Loaded of={deals} empty="No deal is like that: fewer limits show more.">
        {(rows) => (
          <DataTable
            label="Deals"
            rows={rows}
            columns={COLUMNS}
            keyOf={({ asin, domain }) => `${domain}/${asin}`}
            href={({ asin, domain }) => `/products/${domain}/${asin}`}
          />
        )}
      </Loaded>
    </>
  )
}
