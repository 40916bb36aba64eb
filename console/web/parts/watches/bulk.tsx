import { useState } from 'preact/hooks'
import type { ActionInput } from '../../../server/actions.ts'
import { call } from '../../api.ts'
import { Act } from '../act.tsx'
import { counted } from '../counted.ts'
import { dayAfter } from './day-after.ts'
import type { Wanted } from './search.ts'

type Change = ActionInput<'watches.change'>

/** As many as a call takes. */
const MOST_AT_ONCE = 2_000

/** What can be done with the chosen watches, or with all that match. */
export function BulkBar({
  chosen,
  total,
  wanted,
  isAll,
  onAll,
  onClear,
  onDone,
}: {
  /** Ids. */
  readonly chosen: readonly string[]
  readonly total: number
  readonly wanted: Wanted
  readonly isAll: boolean
  readonly onAll: () => void
  readonly onClear: () => void
  readonly onDone: () => void
}) {
  const [until, setUntil] = useState(dayAfter(7))
  const [changed, setChanged] = useState<number>()
  const count = isAll ? total : chosen.length
  const change = async (input: Pick<Change, 'change' | 'until'>) => {
    setChanged(undefined)
    setChanged(isAll ? await changeMatching(input, wanted) : await changeNamed(input, chosen))
  }
  return (
    <section class="line bulk" aria-label="Chosen watches">
      <strong>{`${count.toLocaleString()} of ${total.toLocaleString()} chosen`}</strong>
      {!isAll && total > chosen.length && (
        <button type="button" class="quiet" onClick={onAll}>
          Choose all {total.toLocaleString()}
        </button>
      )}
      <button type="button" class="quiet" onClick={onClear}>
        Choose none
      </button>
      <Act isQuiet work={() => change({ change: 'pause' })} done={onDone}>
        Pause
      </Act>
      <Act isQuiet work={() => change({ change: 'resume' })} done={onDone}>
        Resume
      </Act>
      <label>
        Snooze until
        <input
          type="date"
          value={until}
          min={dayAfter(1)}
          onInput={({ currentTarget }) => setUntil(currentTarget.value)}
        />
      </label>
      <Act isQuiet work={() => change({ change: 'snooze', until })} done={onDone}>
        Snooze
      </Act>
      <Act isQuiet work={() => change({ change: 'unsnooze' })} done={onDone}>
        Wake
      </Act>
      <Act
        isQuiet
        work={() => change({ change: 'remove' })}
        confirm={`Remove ${counted(count, 'watch', 'watches')} and ${count === 1 ? 'its' : 'their'} alerts? The history of prices stays.`}
        done={() => {
          onClear()
          onDone()
        }}
      >
        Remove
      </Act>
      <output aria-live="polite" class="soft">
        {changed !== undefined && `${changed.toLocaleString()} changed`}
      </output>
    </section>
  )
}

async function changeNamed(input: Pick<Change, 'change' | 'until'>, ids: readonly string[]): Promise<number> {
  let changed = 0
  for (let start = 0; start < ids.length; start += MOST_AT_ONCE) {
    const watches = ids.slice(start, start + MOST_AT_ONCE)
    changed += (await call('watches.change', { ...input, watches })).changed
  }
  return changed
}

async function changeMatching(input: Pick<Change, 'change' | 'until'>, matching: Wanted): Promise<number> {
  let changed = 0
  let cursor: string | undefined
  do {
    const page = await call('watches.change', { ...input, matching, ...(cursor && { cursor }) })
    changed += page.changed
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return changed
}
