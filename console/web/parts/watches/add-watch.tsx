import { useState } from 'preact/hooks'
import type { ActionOutput } from '../../../server/actions.ts'
import { type CallFailed, call, type Shown, useRows } from '../../api.ts'
import { money } from '../money.ts'

type Saved = ActionOutput<'watches.add'>

/** Adds a watch by address or ASIN; its past is imported at once. */
export function AddWatch({
  product,
  onAdded,
}: {
  /** The one that is watched; asked for where it is not given. */
  readonly product?: string
  readonly onAdded: () => void
}) {
  const [said, setSaid] = useState<Pick<Shown<Saved>, 'value' | 'error'>>({})
  const users = useRows('users.list', {})
  const add = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''))
    try {
      const saved = await call('watches.add', { ...(product && { product }), ...given } as {
        product: string
      })
      setSaid({ value: saved })
      form.reset()
      onAdded()
      const { asin, domain, productId } = saved
      if (saved.historyImportedAt === null) await call('history.import', { productId, asin, domain })
    } catch (error) {
      setSaid({ error: error as CallFailed })
    }
  }
  const takeSuggestion = async ({ id, hint }: Saved) => {
    if (!hint) return
    try {
      setSaid({
        value: { ...(await call('watches.target', { watch: id, target: hint.suggestion })), created: true },
      })
      onAdded()
    } catch (error) {
      setSaid({ error: error as CallFailed })
    }
  }
  return (
    <form class="line" onSubmit={add}>
      {product === undefined && (
        <label class="grows">
          Address or ASIN
          <input name="product" required placeholder="https://www.amazon.de/dp/…" />
        </label>
      )}
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
        {said.value && <Added saved={said.value} onSuggestion={takeSuggestion} />}
      </output>
    </form>
  )
}

const Added = ({
  saved,
  onSuggestion,
}: {
  readonly saved: Saved
  readonly onSuggestion: (saved: Saved) => void
}) => (
  <>
    <a href={`/products/${saved.domain}/${saved.asin}`}>{saved.asin}</a>{' '}
    {saved.created ? 'is watched.' : 'was watched already.'}{' '}
    {saved.target && `Target ${money(saved.target, saved.currency)}. `}
    {saved.hint && (
      <>
        It has never been that cheap: the lowest price so far is {money(saved.hint.lowest, saved.currency)}.{' '}
        <button type="button" class="quiet" onClick={() => onSuggestion(saved)}>
          Take {money(saved.hint.suggestion, saved.currency)}, 5 % above that
        </button>
      </>
    )}
  </>
)
