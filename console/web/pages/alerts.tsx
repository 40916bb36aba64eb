import { useRoute } from 'preact-iso'
import type { ActionInput, ActionOutput } from '../../server/actions.ts'
import { useLive } from '../api.ts'
import { DataTable, type TableColumn } from '../parts/data-table.tsx'
import { Facts } from '../parts/facts.tsx'
import { money } from '../parts/money.ts'
import { Notification } from '../parts/notification.tsx'
import { StateChoice, stateOf } from '../parts/state-choice.tsx'
import { Loaded } from '../parts/states.tsx'
import { Tag } from '../parts/tag.tsx'
import { Time } from '../parts/time.tsx'

type Alert = ActionOutput<'alerts.list'>['rows'][number]

const COLUMNS: readonly TableColumn<Alert>[] = [
  { name: 'Product', cell: ({ title, asin }) => title || asin },
  { name: 'Price', width: 8, cell: ({ price, currency }) => money(price, currency), align: 'right' },
  { name: 'Target', width: 8, cell: ({ target, currency }) => money(target, currency), align: 'right' },
  { name: 'Seen', width: 18, cell: ({ triggeredAt }) => <Time at={triggeredAt} /> },
  { name: 'State', width: 8, cell: ({ status }) => <Tag of={status} /> },
  { name: 'Sent', width: 18, cell: ({ sentAt }) => <Time at={sentAt} /> },
  { name: 'User', width: 14, cell: ({ user }) => user },
]

/** Alerts, the newest first, and what became of each. */
export default function Alerts() {
  const { params, query } = useRoute()
  const status = stateOf(query)
  const alerts = useLive('alerts.list', { status } as ActionInput<'alerts.list'>, 3_000)
  return (
    <>
      <h1>Alerts</h1>
      <StateChoice path="/alerts" chosen={status} />
      <Loaded
        of={{ ...alerts, value: alerts.value?.rows }}
        empty="No such alert: one is raised when a watched price falls to its target."
      >
        {(rows) => (
          <DataTable
            label="Alerts"
            rows={rows}
            columns={COLUMNS}
            keyOf={({ id }) => id}
            href={({ id }) => `/alerts/${id}${status ? `?status=${status}` : ''}`}
          />
        )}
      </Loaded>
      {alerts.value?.next && <p class="soft">The newest {alerts.value.rows.length.toLocaleString()}.</p>}
      {params.id !== undefined && <Details key={params.id} id={params.id} />}
    </>
  )
}

function Details({ id }: { readonly id: string }) {
  const alert = useLive('alerts.show', { id }, 3_000)
  return (
    <section class="detail" aria-label={`Alert ${id}`}>
      <h2>Alert {id}</h2>
      <Loaded of={alert}>
        {({
          asin,
          domain,
          title,
          currency,
          price,
          previous,
          target,
          triggeredAt,
          status,
          reason,
          ...rest
        }) => (
          <>
            <Facts
              of={[
                ['State', <Tag key="state" of={status} />],
                ...(reason ? [['Reason', reason] as const] : []),
                [
                  'Product',
                  <a key="product" href={`/products/${domain}/${asin}`}>
                    {title || asin}
                  </a>,
                ],
                ['Price', `${money(price, currency)}, ${money(previous, currency)} before`],
                ['Target', money(target, currency)],
                ['Seen', <Time key="seen" at={triggeredAt} />],
              ]}
            />
            {rest.message === null ? (
              <div class="empty">{WITHOUT[status]}</div>
            ) : (
              <>
                <h3>
                  <a href={`/notifications/${rest.message}`}>Message {rest.message}</a>
                </h3>
                <Notification key={rest.message} id={rest.message} />
              </>
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}

/** Why an alert is in no message. */
const WITHOUT: Readonly<Record<Alert['status'], string>> = {
  PENDING:
    'It waits to be gathered into a message: alerts of a minute come together, and none in quiet hours.',
  SENT: 'Its message was removed, as it is old.',
  FAILED: 'Its message was removed, as it is old.',
  SUPERSEDED: 'It was never in a message: it was not so any more before it could be told.',
}
