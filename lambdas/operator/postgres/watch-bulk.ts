import { array, maxLength, minLength, object, optional, picklist, pipe, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { operation } from '../operation.ts'
import { changingWatches, removeWatches } from './changing-watches.ts'
import { id } from './inputs.ts'
import { isDay, SNOOZE, snoozeEnd } from './snooze.ts'
import { matching, wantedWatches } from './watch-search.ts'

/** So many at a time: each change looks whether the price is right already, and a call has a minute. */
const MOST_AT_ONCE = 2_000

const CHANGES = ['pause', 'resume', 'unsnooze', 'snooze', 'remove'] as const

const STATEMENTS = {
  pause: `update watches set status = 'PAUSED', updated_at = now() where id = any ($1) and status <> 'PAUSED'`,
  resume: `update watches set status = 'ACTIVE', updated_at = now() where id = any ($1) and status <> 'ACTIVE'`,
  unsnooze: `update watches set snoozed_until = null, snooze_lets_target_through = false, updated_at = now()
    where id = any ($1) and snoozed_until > now()`,
} as const

export interface ChangedWatches {
  readonly changed: number
  /** Behind which watch to go on; null once all are done. */
  readonly next: string | null
}

export const changeWatches = operation({
  access: 'change',
  does: 'Pauses, resumes, snoozes or removes many watches: those that are named, or all that match.',
  input: object({
    change: picklist(CHANGES, `a change is one of ${CHANGES.join(', ')}`),
    /** Of a snooze: a day by the clock of each watch's user, or a time. */
    until: optional(snoozeEnd),
    watches: optional(
      pipe(
        array(id),
        minLength(1, 'name a watch'),
        maxLength(MOST_AT_ONCE, `at most ${MOST_AT_ONCE} at a time`),
      ),
    ),
    /** All that match, instead of watches by id. */
    matching: optional(object(wantedWatches)),
    cursor: optional(string()),
  }),
  run: async ({ change, until, watches, matching: wanted, cursor }, { pool }): Promise<ChangedWatches> => {
    if ((watches === undefined) === (wanted === undefined)) {
      throw new KeeperError('input_invalid', 'Name watches by their ids, or say which match.')
    }
    if ((change === 'snooze') !== (until !== undefined) || (until !== undefined && !isDay(until))) {
      throw new KeeperError('input_invalid', 'A snooze, and nothing else, ends on a day: 2026-12-24.')
    }
    const { rows } = wanted
      ? await pool().query<{ id: string }>(
          `select id from (${matching(wanted.text)}) as matching where id > $3 order by id limit ${MOST_AT_ONCE}`,
          [wanted.text, wanted.status ?? null, cursor ?? 0],
        )
      : { rows: (watches ?? []).map((each) => ({ id: each })) }
    const ids = rows.map((row) => row.id)
    const changed = await changingWatches(pool(), async (client) => {
      if (change === 'remove') return removeWatches(client, ids)
      const { rowCount } =
        change === 'snooze'
          ? await client.query(SNOOZE, [ids, until, false])
          : await client.query(STATEMENTS[change], [ids])
      return rowCount ?? 0
    })
    if (change === 'snooze' && changed === 0 && ids.length > 0) {
      throw new KeeperError('input_invalid', `${until} is over: a watch is snoozed until a later day.`)
    }
    const isMore = wanted !== undefined && ids.length === MOST_AT_ONCE
    return { changed, next: isMore ? (ids.at(-1) ?? null) : null }
  },
})
