import { call, useLive } from '../api.ts'
import { Act } from './act.tsx'
import { DataTable } from './data-table.tsx'
import { Facts } from './facts.tsx'
import { money } from './money.ts'
import { Loaded } from './states.tsx'
import { Tag } from './tag.tsx'
import { Time } from './time.tsx'

const CAUSES = {
  'target-reached': 'the target was reached',
  'lower-again': 'the price fell further',
} as const

/** How attempts end: lambdas/notifier/attempts.ts. */
const RESULTS: Readonly<Record<string, string>> = {
  SENT: 'taken',
  AGAIN: 'failed, is tried again',
  FAILED: 'refused',
  STOPPED: 'does not count: sending was stopped, or the run ended',
  SENDING: 'in flight',
}

/** A message to a person: what it tells, each attempt to deliver it, and sending it again. */
export function Notification({ id }: { readonly id: string }) {
  const message = useLive('notifications.show', { id }, 3_000)
  return (
    <Loaded of={message}>
      {({ kind, user, status, reason, createdAt, dueAt, sentAt, alerts, reportDay, deliveries }) => (
        <>
          <Facts
            of={[
              ['State', <Tag key="state" of={status} />],
              ['Kind', kind],
              ['To', user],
              ['Made', <Time key="made" at={createdAt} />],
              ...(sentAt ? [['Sent', <Time key="sent" at={sentAt} />] as const] : []),
              ...(dueAt ? [['Tried next', <Time key="due" at={dueAt} />] as const] : []),
              ...(reason ? [['Reason', reason] as const] : []),
            ]}
          />
          {alerts.length > 0 && (
            <ul>
              {alerts.map(({ id: alert, asin, domain, title, cause, price, currency }) => (
                <li key={alert}>
                  <a href={`/products/${domain}/${asin}`}>{title || asin}</a>: {money(price, currency)},{' '}
                  {CAUSES[cause]} (<a href={`/alerts/${alert}`}>alert {alert}</a>)
                </li>
              ))}
            </ul>
          )}
          {reportDay !== null && (
            <p>
              It tells{' '}
              <a href={`/reports/${encodeURIComponent(user)}/${reportDay}`}>the deals of {reportDay}</a>.
            </p>
          )}
          <h3>Attempts</h3>
          {deliveries.length === 0 ? (
            <div class="empty">Not tried yet: the notifier runs each minute.</div>
          ) : (
            <DataTable
              label="Attempts"
              rows={deliveries}
              keyOf={({ address, attempt, at }) => `${address} ${attempt} ${at}`}
              columns={[
                { name: 'Channel', width: 6, cell: ({ kind: channel }) => channel },
                { name: 'Address', width: 13, cell: ({ address }) => address },
                { name: 'Attempt', width: 5, cell: ({ attempt }) => attempt, align: 'right' },
                { name: 'Time', width: 18, cell: ({ at }) => <Time at={at} /> },
                { name: 'Result', width: 10, cell: (row) => RESULTS[row.status] ?? row.status },
                {
                  name: 'Reason',
                  cell: (row) => row.reason ?? (row.providerId ? `as ${row.providerId}` : '–'),
                },
              ]}
            />
          )}
          <Again id={id} status={status} again={message.again} />
        </>
      )}
    </Loaded>
  )
}

/** A message that failed, or one that waits for its next attempt. */
function Again({
  id,
  status,
  again,
}: {
  readonly id: string
  readonly status: string
  readonly again: () => void
}) {
  if (status !== 'FAILED' && status !== 'PENDING') return null
  return (
    <p>
      <Act work={() => call('notifications.again', { id })} done={again}>
        {status === 'FAILED' ? 'Send again' : 'Send now'}
      </Act>{' '}
      {status === 'FAILED' && (
        <span class="soft">Alerts are checked first: what is not so any more is not told.</span>
      )}
    </p>
  )
}
