import { useState } from 'preact/hooks'
import type { ActionOutput } from '../../../server/actions.ts'
import { call } from '../../api.ts'
import { Act } from '../act.tsx'
import { AddWatch } from '../watches/add-watch.tsx'
import { dayAfter } from '../watches/day-after.ts'

type Product = ActionOutput<'products.show'>['marketplaces'][number]
type Watch = Product['watches'][number]

const SNOOZE_DAYS = 7

/** Who watches a product, and for which price. */
export const ProductWatches = ({ asin, product }: { readonly asin: string; readonly product: Product }) => (
  <section aria-label="Watches">
    <h2>Watches</h2>
    {product.watches.length === 0 && (
      <AddWatch product={`https://www.amazon.${product.domain}/dp/${asin}`} onAdded={() => undefined} />
    )}
    <ul class="plain">
      {product.watches.map((watch) => (
        <WatchLine key={watch.id} watch={watch} />
      ))}
    </ul>
  </section>
)

function WatchLine({ watch }: { readonly watch: Watch }) {
  const { id, user, target, currency, status, snoozedUntil } = watch
  const [wanted, setWanted] = useState<string>()
  const isPaused = status !== 'ACTIVE'
  return (
    <li class="line">
      <span>
        {user} <span class={`tag ${status.toLowerCase()}`}>{status.toLowerCase()}</span>
        {snoozedUntil && <span class="tag paused">snoozed until {snoozedUntil.slice(0, 10)}</span>}
      </span>
      <label>
        Target in {currency}
        <input
          size={9}
          inputMode="decimal"
          placeholder="none"
          value={wanted ?? target ?? ''}
          onInput={({ currentTarget }) => setWanted(currentTarget.value)}
        />
      </label>
      <Act
        isQuiet
        work={() => call('watches.target', { watch: id, target: wanted?.trim() || '0' })}
        done={() => setWanted(undefined)}
        isDisabled={wanted === undefined}
      >
        Save
      </Act>
      <Act isQuiet work={() => call(isPaused ? 'watches.resume' : 'watches.pause', { watch: id })}>
        {isPaused ? 'Resume' : 'Pause'}
      </Act>
      {snoozedUntil ? (
        <Act isQuiet work={() => call('watches.unsnooze', { watch: id })}>
          Wake
        </Act>
      ) : (
        <Act isQuiet work={() => call('watches.snooze', { watch: id, until: dayAfter(SNOOZE_DAYS) })}>
          Snooze a week
        </Act>
      )}
    </li>
  )
}
