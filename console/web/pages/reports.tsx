import { useRoute } from 'preact-iso'
import type { ActionOutput } from '../../server/actions.ts'
import { useCall, useRows } from '../api.ts'
import { DataTable, type TableColumn } from '../parts/data-table.tsx'
import { Notification } from '../parts/notification.tsx'
import { Loaded } from '../parts/states.tsx'
import { Tag } from '../parts/tag.tsx'
import { Time } from '../parts/time.tsx'

type Report = ActionOutput<'reports.list'>['rows'][number]
type Deal = ActionOutput<'reports.show'>['deals'][number]

const COLUMNS: readonly TableColumn<Report>[] = [
  { name: 'Day', width: 8, cell: ({ date }) => date },
  { name: 'User', cell: ({ user }) => user },
  { name: 'Deals', width: 6, cell: ({ deals }) => deals.toLocaleString(), align: 'right' },
  { name: 'Made', width: 18, cell: ({ madeAt }) => <Time at={madeAt} /> },
  { name: 'State', width: 9, cell: ({ status }) => (status === null ? 'not told' : <Tag of={status} />) },
  { name: 'Sent', width: 18, cell: ({ sentAt }) => <Time at={sentAt} /> },
]

/** Daily deal reports, the newest first. */
export default function Reports() {
  const { params } = useRoute()
  const reports = useRows('reports.list', {})
  const { user, day } = params
  return (
    <>
      <h1>Reports</h1>
      <Loaded
        of={reports}
        empty={
          <>
            No report yet: the daily deal report covers users who have a filter.{' '}
            <a href="/deals">Keep one with the deals</a>, then <a href="/schedules">run daily-deal-report</a>.
          </>
        }
      >
        {(rows) => (
          <>
            <DataTable
              label="Reports"
              rows={rows}
              columns={COLUMNS}
              keyOf={({ id }) => id}
              href={(row) => `/reports/${encodeURIComponent(row.user)}/${row.date}`}
            />
            {user !== undefined && day !== undefined && (
              <Details
                key={`${user} ${day}`}
                {...{ user, day }}
                message={rows.find((row) => row.user === user && row.date === day)?.message ?? null}
              />
            )}
          </>
        )}
      </Loaded>
    </>
  )
}

const DEALS: readonly TableColumn<Deal>[] = [
  { name: 'Product', cell: ({ title, asin }) => title || asin },
  { name: 'Shop', width: 6, cell: ({ domain }) => domain },
  { name: 'Price', width: 8, cell: ({ currentPrice }) => currentPrice, align: 'right' },
  { name: 'Before', width: 8, cell: ({ originalPrice }) => originalPrice ?? '–', align: 'right' },
  {
    name: 'Less',
    width: 6,
    cell: ({ discountPercent }) => (discountPercent === null ? '–' : `${discountPercent} %`),
    align: 'right',
  },
  { name: 'Rating', width: 7, cell: ({ rating }) => rating ?? '–', align: 'right' },
]

function Details({
  user,
  day,
  message,
}: {
  readonly user: string
  readonly day: string
  readonly message: string | null
}) {
  const report = useCall('reports.show', { user, date: day })
  return (
    <section class="detail" aria-label={`Report of ${day}`}>
      <h2>
        {day} for {user}
      </h2>
      <Loaded of={report}>
        {({ deals }) => (
          <DataTable
            label="Deals of the report"
            rows={deals}
            columns={DEALS}
            keyOf={({ domain, asin }) => `${domain}/${asin}`}
            href={({ domain, asin }) => `/products/${domain}/${asin}`}
          />
        )}
      </Loaded>
      {message === null ? (
        <div class="empty">No message tells it: a newer report did, or its deals were sent before.</div>
      ) : (
        <>
          <h3>
            <a href={`/notifications/${message}`}>Message {message}</a>
          </h3>
          <Notification id={message} />
        </>
      )}
    </section>
  )
}
