import type { Pool } from 'pg'

/** Whether the user of `message` has left its kind, as SQL; digests are alerts. */
export const IS_LEFT = `exists (
  select from left_kinds
  where left_kinds.user_id = message.user_id
    and left_kinds.kind = case message.kind when 'digest' then 'alert' else message.kind end
)`

/*
 * What is not told because its user does not want it is SUPERSEDED, not pending: it is visible as what it is, and counts as
 * never made, so whoever comes back hears of the price that holds then. What another run delivers at this moment is left
 * alone. Read from left_kinds on, which few users are in.
 */
const WAITING_ALERTS = `
update price_alerts as alert
set status = 'SUPERSEDED', reason = 'left'
from left_kinds
join watches as watch on watch.user_id = left_kinds.user_id
where left_kinds.kind = 'alert' and alert.watch_id = watch.id and alert.status = 'PENDING' and alert.message_id is null
`

const WAITING_MESSAGES = `
with ended as (
  update messages as message
  set reason = 'left', status = case
    when exists (select from deliveries where message_id = message.id and status = 'SENT') then 'SENT' else 'SUPERSEDED'
  end
  where message.status = 'PENDING' and (message.lease_until is null or message.lease_until < now()) and ${IS_LEFT}
  returning message.id
)
update price_alerts as alert
set status = 'SUPERSEDED', reason = 'left'
from ended
where alert.message_id = ended.id and alert.status = 'PENDING'
`

/** Ends what waits to be told to people who have left its kind. Returns how many alerts were among it. */
export async function supersedeLeft(pool: Pool): Promise<number> {
  const alerts = await pool.query(WAITING_ALERTS)
  const told = await pool.query(WAITING_MESSAGES)
  return (alerts.rowCount ?? 0) + (told.rowCount ?? 0)
}
