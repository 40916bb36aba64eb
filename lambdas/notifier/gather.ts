import type { Pool } from 'pg'
import { inTransaction } from '../core/postgres/in-transaction.ts'
import { isQuiet } from './quiet-hours.ts'
import type { NotifierSettings } from './settings.ts'
import { IS_SNOOZED, isStale, WHY_SUPERSEDED } from './why-not-told.ts'

/** What gathering has done. */
export interface Gathered {
  /** Alerts that now belong to a message. */
  readonly alerts: number
  /** In how many milliseconds the next collecting window closes; null if none is open. */
  readonly nextMs: number | null
}

/** Alerts that are looked at in one transaction. */
const PAGE_ALERTS = 2_000

/** A longer message comes in parts: mail programs cut long ones off, and an invocation's memory is limited. */
const MOST_ALERTS = 50

/**
 * Puts each user's alerts that may be told now into a message. Page by page, so that neither a transaction nor the memory
 * grows with the number of alerts.
 */
export async function gather(pool: Pool, settings: NotifierSettings): Promise<Gathered> {
  let alerts = 0
  let nextMs: number | null = null
  for (let after = '0'; ; ) {
    const { rows } = await pool.query<{ watchId: string; userId: string }>(WAITING_PAGE, [after, PAGE_ALERTS])
    const last = rows.at(-1)
    if (!last) return { alerts, nextMs }
    after = last.watchId
    const gathered = await gatherOf(pool, [...new Set(rows.map(({ userId }) => userId))], settings)
    alerts += gathered.alerts
    if (gathered.nextMs !== null) nextMs = Math.min(nextMs ?? gathered.nextMs, gathered.nextMs)
  }
}

const WAITING_PAGE = `
select alert.watch_id as "watchId", watch.user_id as "userId"
from price_alerts as alert
join watches as watch on watch.id = alert.watch_id
where alert.status = 'PENDING' and alert.message_id is null and alert.watch_id > $1
order by alert.watch_id
limit $2
`

/**
 * Gathers for the users that no other run gathers for at this moment. Two runs that made messages for the same user would
 * split what belongs into one. The statement after the lock sees what an earlier holder committed.
 */
const gatherOf = (pool: Pool, users: readonly string[], settings: NotifierSettings): Promise<Gathered> =>
  inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'select id from users where id = any ($1::bigint[]) order by id for no key update skip locked',
      [users],
    )
    const gathered = await client.query<{ alerts: number; nextMs: number | null }>(GATHER, [
      rows.map(({ id }) => id),
      settings.collectMs,
      settings.mostPerUser,
      settings.mostPerWatch,
      settings.staleMs,
    ])
    const { alerts = 0, nextMs = null } = gathered.rows[0] ?? {}
    return { alerts, nextMs }
  })

/*
 * Everything is decided by the clock on the user's wall, which is what a person who names a time thinks of. Where summer
 * time begins, a time that is skipped counts as reached at the end of the gap; where it ends, the hour comes twice, and the
 * days of digests only ever rise, so a digest comes once.
 *
 * - An alert counts from when it could be told: when it was raised, or when its watch's snooze ended.
 * - It was held if that was within quiet hours, on an earlier day of the user (beyond a cap, or during an outage) or
 *   before the notifier worked for this user. What was held comes in one digest, with all else that waits, once a day.
 * - A user with a time for digests gets only these: at the latest such time, if something was raised before it.
 * - An alert whose price is stale waits for the next price.
 * - Otherwise alerts are told once the collecting window of the oldest is over, up to the caps.
 */
const GATHER = `
with person as (
  select users.*, local.now as local_now,
    digest.day as digest_day,
    coalesce((
      select max(message.local_day) from messages as message
      where message.user_id = users.id and message.kind = 'digest' and message.status <> 'SUPERSEDED'
    ) >= coalesce(digest.day, local.now::date), false) as had_digest,
    (
      select count(*) from messages as message
      where message.user_id = users.id and message.kind = 'alert' and message.local_day = local.now::date
        and message.status <> 'SUPERSEDED'
    ) as messages_today
  from users
  cross join lateral (select now() at time zone users.time_zone as now) as local
  cross join lateral (
    select local.now::date - case when local.now::time < users.digest_at then 1 else 0 end as day
    where users.digest_at is not null
    union all
    select null where users.digest_at is null
  ) as digest
  where users.id = any ($1::bigint[])
),
waiting as (
  select alert.id, alert.watch_id, person.id as user_id, person.local_now, person.messages_today, tellable.since,
    person.digest_at is not null as by_digest,
    case
      when person.digest_at is not null
        then not person.had_digest and tellable.local_since <= person.digest_day + person.digest_at
      else not person.had_digest and (
        alert.raised_at <= person.notify_from
        or tellable.local_since::date < (person.local_now - interval '5 minutes')::date
        or ${isQuiet('tellable.local_since::time')}
      )
    end as calls_for_digest,
    coalesce(person.digest_day, person.local_now::date) as local_day,
    (
      select count(*) from price_alerts as told
      join messages as message on message.id = told.message_id
      where told.watch_id = alert.watch_id and told.status <> 'SUPERSEDED'
        and message.kind = 'alert' and message.local_day = person.local_now::date
    ) >= $4 as is_beyond_cap
  from person
  join watches as watch on watch.user_id = person.id
  join price_alerts as alert on alert.watch_id = watch.id and alert.status = 'PENDING' and alert.message_id is null
  join watched_products as product on product.id = watch.product_id
  cross join lateral (
    select greatest(alert.raised_at, case when watch.snoozed_until <= now() then watch.snoozed_until end) as since
  ) as tellable_from
  cross join lateral (
    select tellable_from.since, tellable_from.since at time zone person.time_zone as local_since
  ) as tellable
  where not ${isQuiet('person.local_now::time')}
    and not ${IS_SNOOZED}
    and (not ${isStale('$5')} or ${WHY_SUPERSEDED} is not null)
),
digested as (
  select *, bool_or(calls_for_digest) over (partition by user_id) as is_digest from waiting
),
candidate as (
  select *, min(since) over (partition by user_id) + $2::double precision * interval '1 millisecond' as due_at
  from digested
  where is_digest or not by_digest and not is_beyond_cap and messages_today < $3
),
numbered as (
  select *, (row_number() over (partition by user_id order by id) - 1) / ${MOST_ALERTS} as part
  from candidate
  where due_at <= now()
),
part as (
  select user_id, part, is_digest, local_day, array_agg(id) as alerts
  from numbered
  group by user_id, part, is_digest, local_day
),
made as (
  merge into messages using (select * from part order by user_id, part) as part on false
  when not matched then insert (user_id, kind, local_day)
    values (part.user_id, case when part.is_digest then 'digest' else 'alert' end, part.local_day)
  returning messages.id, part.alerts
),
gathered as (
  update price_alerts as alert
  set message_id = made.id
  from made cross join lateral unnest(made.alerts) as taken (id)
  where alert.id = taken.id
  returning alert.id
)
select (select count(*)::integer from gathered) as alerts,
  (select (extract(epoch from min(due_at) - now()) * 1000)::double precision from candidate where due_at > now()) as "nextMs"
`
