import { useState } from 'preact/hooks'
import type { ActionOutput } from '../../server/actions.ts'
import { type CallFailed, call, type Shown, useRows } from '../api.ts'
import { DataTable, type TableColumn } from '../parts/data-table.tsx'
import { money } from '../parts/money.ts'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

type Watch = ActionOutput<'watches.list'>['rows'][number]

const COLUMNS: readonly TableColumn<Watch>[] = [
  { name: 'Product', cell: ({ title, asin }) => title || asin },
  { name: 'Shop', width: 6, cell: ({ domain }) => domain },
  { name: 'Now', width: 8, cell: ({ price, currency }) => money(price, currency), align: 'right' },
  { name: 'Target', width: 8, cell: ({ target, currency }) => money(target, currency), align: 'right' },
  { name: 'Seen', width: 20, cell: ({ priceAt }) => <Time at={priceAt} /> },
  {
    name: 'Status',
    width: 7,
    cell: ({ status }) => <span class={`tag ${status.toLowerCase()}`}>{status.toLowerCase()}</span>,
  },
  { name: 'User', width: 14, cell: ({ user }) => user },
]

/** Watches: all of them, searched as one types, and a new one by address. */
export default function Watches() {
  const watches = useRows('watches.list', {})
  const [wanted, setWanted] = useState('')
  return (
    <>
      <h1>Watches</h1>
      <AddWatch onAdded={watches.again} />
      <input
        type="search"
        class="wide"
        placeholder="Search title, ASIN, shop or user"
        aria-label="Search watches"
        value={wanted}
        onInput={({ currentTarget }) => setWanted(currentTarget.value)}
      />
      <Loaded of={watches} empty="Nothing is watched yet: paste the address of a product above.">
        {(rows) => {
          const found = matching(rows, wanted)
          return found.length === 0 ? (
            <div class="empty">No watch matches “{wanted}”.</div>
          ) : (
            <DataTable
              label="Watches"
              rows={found}
              columns={COLUMNS}
              keyOf={({ id }) => id}
              href={({ domain, asin }) => `/products/${domain}/${asin}`}
            />
          )
        }}
      </Loaded>
    </>
  )
}

/** Those that hold every word, wherever it stands. */
function matching(watches: readonly Watch[], wanted: string): readonly Watch[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return watches
  return watches.filter(({ title, asin, domain, user }) => {
    const text = `${title} ${asin} ${domain} ${user}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

type Saved = ActionOutput<'watches.add'>

function AddWatch({ onAdded }: { readonly onAdded: () => void }) {
  const [said, setSaid] = useState<Pick<Shown<Saved>, 'value' | 'error'>>({})
  const users = useRows('users.list', {})
  const add = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''))
    try {
      const saved = await call('watches.add', given as { product: string })
      setSaid({ value: saved })
      form.reset()
      onAdded()
      const { asin, domain, productId } = saved
      if (saved.historyImportedAt === null) await call('history.import', { productId, asin, domain })
    } catch (error) {
      setSaid({ error: error as CallFailed })
    }
  }
  return (
    <form class="line" onSubmit={add}>
      <label class="grows">
        Address or ASIN
        <input name="product" required placeholder="https://www.amazon.de/dp/…" />
      </label>
      <label>
        Target
        <input name="target" inputMode="decimal" size={8} placeholder="none" />
      </label>
      {(users.value?.length ?? 0) > 1 && (
        <label>
          For
          <select name="user" required>
            {users.value?.map(({ email }) => (
              <option key={email}>{email}</option>
            ))}
          </select>
        </label>
      )}
      {/* Before the users are known, nobody could be asked whose watch it is. */}
      <button type="submit" disabled={!users.value && !users.error}>
        Watch
      </button>
      <output aria-live="polite" class={said.error ? 'failed' : undefined}>
        {said.error?.message}
        {said.value && <Added {...said.value} />}
      </output>
    </form>
  )
}

const Added = ({ asin, domain, created, hint, currency }: Saved) => (
  <>
    <a href={`/products/${domain}/${asin}`}>{asin}</a> {created ? 'is watched.' : 'was watched already.'}{' '}
    {hint &&
      `It has never been that cheap: the lowest price so far is ${money(hint.lowest, currency)}; ${money(hint.suggestion, currency)} would be 5 % above that.`}
  </>
)
