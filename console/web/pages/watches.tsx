import { useState } from 'preact/hooks'
import { useRoute } from 'preact-iso'
import { DataTable, type TableColumn } from '../parts/data-table.tsx'
import { money } from '../parts/money.ts'
import { Spark } from '../parts/spark.tsx'
import { Failed } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { toggled } from '../parts/toggled.ts'
import { AddWatch } from '../parts/watches/add-watch.tsx'
import { BulkBar } from '../parts/watches/bulk.tsx'
import { type ListedWatch, useWatchSearch, type Wanted, type Watch } from '../parts/watches/search.ts'
import { useSparks } from '../parts/watches/sparks.ts'

const STATUSES = [
  ['all', undefined],
  ['active', 'ACTIVE'],
  ['paused', 'PAUSED'],
] as const

/** Watches: all of them, searched as one types, changed together, and a new one by address. */
export default function Watches() {
  const { query } = useRoute()
  const [wanted, setWanted] = useState<Wanted>({ text: query.q ?? '' })
  const { rows, error, total, isCurrent, shownKey, again, onView } = useWatchSearch(wanted)
  const [view, setView] = useState({ first: 0, last: 0 })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [isAll, setAll] = useState(false)
  const inView = rows?.slice(view.first, view.last).flatMap(({ watch }) => watch ?? []) ?? []
  const sparks = useSparks(inView.map(({ productId }) => productId))
  const choose = (ids: ReadonlySet<string>, all = false) => {
    setChosen(ids)
    setAll(all)
  }
  const search = (next: Wanted) => {
    setWanted(next)
    choose(new Set())
    // A search is an address.
    history.replaceState(
      null,
      '',
      next.text ? `/watches?${new URLSearchParams({ q: next.text })}` : '/watches',
    )
  }
  /** Unticked after all were chosen, a row ends that: the others that are loaded stay chosen, and the bar says how many. */
  const toggle = (id: string) => {
    if (!isAll) return choose(toggled(chosen, id))
    const loaded = rows?.slice().flatMap(({ watch }) => watch?.id ?? []) ?? []
    choose(new Set(loaded.filter((each) => each !== id)))
  }
  const isSearch = wanted.text !== '' || wanted.status !== undefined
  return (
    <>
      <h1>Watches</h1>
      <AddWatch onAdded={again} />
      <div class="line">
        <input
          type="search"
          class="grows"
          placeholder="Search title, ASIN, shop or user"
          aria-label="Search watches"
          value={wanted.text}
          onInput={({ currentTarget: { value } }) => search({ ...wanted, text: value })}
        />
        <fieldset class="choices">
          <legend class="unseen">Status</legend>
          {STATUSES.map(([name, status]) => (
            <label key={name}>
              <input
                type="radio"
                name="status"
                checked={wanted.status === status}
                onChange={() => search({ text: wanted.text, ...(status && { status }) })}
              />
              {name}
            </label>
          ))}
        </fieldset>
        <span class="soft" aria-live="polite">
          {total !== undefined &&
            (isCurrent ? `${total.toLocaleString()} ${isSearch ? 'found' : 'in all'}` : 'searching')}
        </span>
      </div>
      {error && <Failed error={error} again={again} />}
      {(chosen.size > 0 || isAll) && (
        <BulkBar
          chosen={[...chosen]}
          total={total ?? 0}
          {...{ wanted, isAll }}
          onAll={() => choose(new Set(), true)}
          onClear={() => choose(new Set())}
          onDone={again}
        />
      )}
      {!rows && !error && <output class="loading">Loading</output>}
      {isCurrent && rows?.length === 0 && (
        <div class="empty">
          {isSearch
            ? `No watch matches “${wanted.text}”${wanted.status ? ` and is ${wanted.status.toLowerCase()}` : ''}.`
            : 'Nothing is watched yet: paste the address of a product above.'}
        </div>
      )}
      {rows && rows.length > 0 && (
        <DataTable
          key={shownKey}
          label="Watches"
          rows={rows}
          columns={columnsOf(sparks)}
          keyOf={({ index, watch }) => watch?.id ?? `waits ${index}`}
          href={({ watch }) => (watch ? `/products/${watch.domain}/${watch.asin}` : '/watches')}
          onView={(first, last) => {
            setView({ first, last })
            onView(first, last)
          }}
          select={{
            isChosen: ({ watch }) => isAll || (watch !== undefined && chosen.has(watch.id)),
            toggle: ({ watch }) => watch && toggle(watch.id),
            nameOf: ({ watch }) => `Choose ${watch?.title || (watch?.asin ?? '')}`,
          }}
        />
      )}
    </>
  )
}

/** Of a place whose watch is not there yet, nothing. */
const column = (
  name: string,
  cell: (watch: Watch) => ReturnType<TableColumn<Watch>['cell']>,
  more: Partial<TableColumn<ListedWatch>> = {},
): TableColumn<ListedWatch> => ({ ...more, name, cell: ({ watch }) => (watch ? cell(watch) : '…') })

const columnsOf = (sparks: ReturnType<typeof useSparks>): readonly TableColumn<ListedWatch>[] => [
  column('Product', ({ title, asin }) => title || asin),
  column('Shop', ({ domain }) => domain, { width: 6 }),
  column(
    '30 days',
    ({ productId, currency }) => <Spark spark={sparks.get(productId)} currency={currency} />,
    {
      width: 8,
    },
  ),
  column('Now', ({ price, currency }) => money(price, currency), { width: 8, align: 'right' }),
  column('Target', ({ target, currency }) => money(target, currency), { width: 8, align: 'right' }),
  column(
    'Status',
    ({ status, snoozedUntil }) =>
      snoozedUntil ? (
        <span class="tag paused" title={`until ${snoozedUntil}`}>
          snoozed
        </span>
      ) : (
        <span class={`tag ${status.toLowerCase()}`}>{status.toLowerCase()}</span>
      ),
    { width: 7 },
  ),
  column('User', ({ user }) => user, { width: 14 }),
  column('Seen', ({ priceAt }) => <Time at={priceAt} />, { width: 20 }),
]
