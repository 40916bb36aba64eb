import type { ActionOutput } from '../../../server/actions.ts'
import { DataTable } from '../data-table.tsx'
import { money } from '../money.ts'
import { Time } from '../time.tsx'

type Product = ActionOutput<'products.show'>['marketplaces'][number]

/** The alerts of a product, the newest first. A new one is said. */
export function ProductAlerts({ product: { alerts, currency } }: { readonly product: Product }) {
  const [newest] = alerts
  return (
    <section aria-label="Alerts">
      <h2>Alerts</h2>
      <output aria-live="polite" class="unseen">
        {newest && `Newest alert: ${money(newest.price, currency)}, ${newest.status.toLowerCase()}`}
      </output>
      {alerts.length === 0 ? (
        <div class="empty">None yet: the first price at a target, or up to 1 % above, raises one.</div>
      ) : (
        <DataTable
          label="Alerts"
          rows={alerts}
          keyOf={({ id }) => id}
          href={({ id }) => `/alerts/${id}`}
          columns={[
            { name: 'Raised', width: 20, cell: ({ triggeredAt }) => <Time at={triggeredAt} /> },
            { name: 'Price', width: 8, cell: ({ price }) => money(price, currency), align: 'right' },
            { name: 'Target', width: 8, cell: ({ target }) => money(target, currency), align: 'right' },
            {
              name: 'Status',
              width: 9,
              cell: ({ status }) => <span class={`tag ${status.toLowerCase()}`}>{status.toLowerCase()}</span>,
            },
            { name: 'User', cell: ({ user }) => user },
          ]}
        />
      )}
    </section>
  )
}
