import { useState } from 'preact/hooks'
import { useRoute } from 'preact-iso'
import type { ActionOutput } from '../../server/actions.ts'
import { useCall, useLive } from '../api.ts'
import { DataTable, type TableColumn } from '../parts/data-table.tsx'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

type Mail = ActionOutput<'mails.list'>[number]
type Shown = ActionOutput<'mails.show'>

const COLUMNS: readonly TableColumn<Mail>[] = [
  { name: 'Subject', cell: ({ subject }) => subject || '(no subject)' },
  { name: 'To', width: 16, cell: ({ to }) => to },
  { name: 'Time', width: 18, cell: ({ at }) => <Time at={at} /> },
]

/** Only of a stage: a local run keeps every mail. */
const STATUS: TableColumn<Mail> = {
  name: 'State',
  width: 8,
  cell: ({ status }) => status && <span class={`tag ${status.toLowerCase()}`}>{status.toLowerCase()}</span>,
}

/** Mails as people get them, the newest first; new ones appear. */
export default function Inbox() {
  const { params } = useRoute()
  const mails = useLive('mails.list', {}, 2_000)
  return (
    <>
      <h1>Inbox</h1>
      <Loaded
        of={mails}
        empty={
          <>
            No mail yet: one is sent when a watched price falls to its target.{' '}
            <a href="/watches">Add a watch</a>, or try with <code>keeper channels test</code>.
          </>
        }
      >
        {(rows) => (
          <DataTable
            label="Mails"
            rows={rows}
            columns={rows.some(({ status }) => status !== null) ? [...COLUMNS, STATUS] : COLUMNS}
            keyOf={({ id }) => id}
            href={({ id }) => `/inbox/${encodeURIComponent(id)}`}
          />
        )}
      </Loaded>
      {params.id !== undefined && <Mail key={params.id} id={params.id} />}
    </>
  )
}

const VIEWS = ['HTML', 'text', 'headers'] as const

function Mail({ id }: { readonly id: string }) {
  const mail = useCall('mails.show', { id })
  const [view, setView] = useState<(typeof VIEWS)[number]>('HTML')
  return (
    <Loaded of={mail}>
      {(shown) => (
        <section class="detail" aria-label={shown.subject}>
          <h2>{shown.subject}</h2>
          <p class="soft">
            to {shown.to}, <Time at={shown.at} />
          </p>
          <div class="line">
            <fieldset class="choices">
              <legend class="unseen">Shown as</legend>
              {VIEWS.map((each) => (
                <label key={each}>
                  <input type="radio" name="view" checked={view === each} onChange={() => setView(each)} />
                  {each}
                </label>
              ))}
            </fieldset>
          </div>
          <Content mail={shown} view={view} />
        </section>
      )}
    </Loaded>
  )
}

function Content({ mail, view }: { readonly mail: Shown; readonly view: (typeof VIEWS)[number] }) {
  const { subject, page, text, headers } = mail
  if (view === 'HTML' && page !== null) {
    return (
      <iframe
        class="mail"
        src={page}
        title={`The mail ${subject}`}
        sandbox="allow-popups allow-popups-to-escape-sandbox"
      />
    )
  }
  if (view === 'headers') {
    return <pre tabindex={0}>{headers.map(([name, value]) => `${name}: ${value}`).join('\n')}</pre>
  }
  return <pre tabindex={0}>{text ?? 'It has no text.'}</pre>
}
