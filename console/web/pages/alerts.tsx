import type { ActionOutput } from '../../server/actions.ts'
import { useRows } from '../api.ts'
import { DataTable, type TableColumn } from '../parts/data-table.tsx'
import { money } from '../parts/money.ts'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

type Alert = ActionOutput<'alerts.list'>['rows'][number]

const COLUMNS: readonly TableColumn<Alert>[] = [
  { name: 'Product', cell: ({ title, asin }) => title || asin },
  { name: 'Price', width: 8, cell: ({ price, currency }) => money(price, currency), align: 'right' },
  { name: 'Target', width: 8, cell: ({ target, currency }) => money(target, currency), align: 'right' },
  { name: 'Seen', width: 20, cell: ({ triggeredAt }) => <Time at={triggeredAt} /> },
  {
    name: 'State',
    width: 8,
    cell: ({ status }) => <span class={`tag ${status.toLowerCase()}`}>{status.toLowerCase()}</span>,
  },
  { name: 'Told', width: 20, cell: ({ sentAt }) => <Time at={sentAt} /> },
  { name: 'User', width: 14, cell: ({ user }) => user },
]

/** Alerts, the newest first. */
export default function Alerts() {
  const alerts = useRows('alerts.list', {})
  return (
    <>
      <h1>Alerts</h1>
      <Loaded of={alerts} empty="No alert yet: one is raised when a watched price falls to its target.">
        {(rows) => (
          <DataTable
            label="Alerts"
            rows={rows}
            columns={COLUMNS}
            keyOf={({ id }) => id}
            href={({ domain, asin }) => `/products/${domain}/${asin}`}
          />
        )}
      </Loaded>
    </>
  )
}
