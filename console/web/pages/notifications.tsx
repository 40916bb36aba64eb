import { useRoute } from 'preact-iso'
import type { ActionInput, ActionOutput } from '../../server/actions.ts'
import { useLive } from '../api.ts'
import { DataTable, type TableColumn } from '../parts/data-table.tsx'
import { Notification } from '../parts/notification.tsx'
import { StateChoice, stateOf } from '../parts/state-choice.tsx'
import { Loaded } from '../parts/states.tsx'
import { Tag } from '../parts/tag.tsx'
import { Time } from '../parts/time.tsx'

type Message = ActionOutput<'notifications.list'>['rows'][number]

const COLUMNS: readonly TableColumn<Message>[] = [
  { name: 'Message', width: 8, cell: ({ id, kind }) => `${kind} ${id}` },
  { name: 'To', width: 14, cell: ({ user }) => user },
  { name: 'State', width: 8, cell: ({ status }) => <Tag of={status} /> },
  { name: 'Made', width: 18, cell: ({ createdAt }) => <Time at={createdAt} /> },
  { name: 'Taken by', width: 8, cell: ({ took }) => took ?? '–' },
  { name: 'Reason', cell: ({ reason }) => reason ?? '–' },
]

/** Every message to a person: alerts, digests, reports, notices and tests, with each attempt to deliver it. */
export default function Notifications() {
  const { params, query } = useRoute()
  const status = stateOf(query)
  const messages = useLive('notifications.list', { status } as ActionInput<'notifications.list'>, 3_000)
  return (
    <>
      <h1>Messages</h1>
      <StateChoice path="/notifications" chosen={status} />
      <Loaded of={{ ...messages, value: messages.value?.rows }} empty={EMPTY}>
        {(rows) => (
          <DataTable
            label="Messages"
            rows={rows}
            columns={COLUMNS}
            keyOf={({ id }) => id}
            href={({ id }) => `/notifications/${id}${status ? `?status=${status}` : ''}`}
          />
        )}
      </Loaded>
      {params.id !== undefined && (
        <section class="detail" aria-label={`Message ${params.id}`} key={params.id}>
          <h2>Message {params.id}</h2>
          <Notification id={params.id} />
        </section>
      )}
    </>
  )
}

const EMPTY = (
  <>
    No such message: one is made when an alert is raised, and with the daily report. A first one comes by{' '}
    <code>keeper channels test</code>.
  </>
)
