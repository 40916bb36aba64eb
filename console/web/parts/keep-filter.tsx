import { useState } from 'preact/hooks'
import type { ActionInput, ActionOutput } from '../../server/actions.ts'
import { call, useRows } from '../api.ts'
import { Act } from './act.tsx'

type Filter = ActionOutput<'filters.add'>

/** What is looked for. */
export type WantedDeals = Omit<ActionInput<'filters.add'>, 'user'>

/** Keeps what is looked for as a filter of the daily report, and says what was kept. */
export function KeepFilter({ wanted }: { readonly wanted: WantedDeals }) {
  const users = useRows('users.list', {})
  const [chosen, setChosen] = useState<string>()
  const [kept, setKept] = useState<{ readonly of: string; readonly filter: Filter }>()
  const key = JSON.stringify(wanted)
  const emails = users.value?.map(({ email }) => email) ?? []
  const user = emails.length > 1 ? (chosen ?? emails[0]) : undefined
  const keep = async () => {
    setKept(undefined)
    if (key === '{}') {
      throw new Error('First say which deals: by words, shop, discount, price or stars.')
    }
    setKept({ of: key, filter: await call('filters.add', { ...wanted, ...(user && { user }) }) })
  }
  return (
    <>
      {user !== undefined && (
        <label>
          For
          <select value={user} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
            {emails.map((email) => (
              <option key={email}>{email}</option>
            ))}
          </select>
        </label>
      )}
      {/* Before the users are known, nobody could be asked whose filter it is. */}
      <Act isQuiet isDisabled={!users.value && !users.error} work={keep}>
        Keep as a filter
      </Act>
      <output aria-live="polite">{kept?.of === key && sentence(kept.filter)}</output>
    </>
  )
}

function sentence({ id, created, user, ...filter }: Filter): string {
  const { domain, minDiscount, maxPrice, minRating, titleContains } = filter
  const limits = [
    titleContains !== null && `with “${titleContains}” in the title`,
    domain !== null && `of amazon.${domain}`,
    minDiscount !== null && `at least ${minDiscount} % off`,
    maxPrice !== null && `up to ${maxPrice}`,
    minRating !== null && `at least ${minRating} stars`,
  ].filter((limit) => limit !== false)
  return `Filter ${id} ${created ? 'was added' : 'was there already'}: the daily report of ${user} has deals ${limits.join(', ')}.`
}
